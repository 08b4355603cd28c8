import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { toHdrBase64, toHdrHistogram } from './hdr-export.ts';
import { HIGHEST_LATENCY_NS, LOWEST_LATENCY_NS } from './latency-buckets.ts';
import { LatencyHistogram } from './latency-histogram.ts';

const PERCENTILES = [0.1, 25, 50, 90, 95, 99, 99.9, 99.99, 100];
const samples = fc.array(fc.integer({ min: LOWEST_LATENCY_NS, max: HIGHEST_LATENCY_NS }), {
  minLength: 1,
  maxLength: 400,
});

function histogramOf(latencies: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const latencyNs of latencies) histogram.record(latencyNs);
  return histogram;
}

function referenceOf(latencies: readonly number[]): ReturnType<typeof build> {
  const reference = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: LOWEST_LATENCY_NS,
    highestTrackableValue: HIGHEST_LATENCY_NS,
    numberOfSignificantValueDigits: 3,
  });
  for (const latencyNs of latencies) reference.recordValue(latencyNs);
  return reference;
}

describe('LatencyHistogram', () => {
  it('reports the percentiles that hdr-histogram-js reports', () => {
    fc.assert(
      fc.property(samples, (latencies) => {
        const reference = referenceOf(latencies);
        expect(histogramOf(latencies).percentilesNs(PERCENTILES)).toEqual(
          PERCENTILES.map((percentile) => reference.getValueAtPercentile(percentile)),
        );
      }),
    );
  });

  it('gives the same percentiles merged from parts as fed with every sample', () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 8 }), (parts) => {
        const merged = new LatencyHistogram();
        for (const [index, part] of parts.entries()) {
          if (index % 2 === 0) merged.addSparse(histogramOf(part).toSparse());
          else merged.addHistogram(histogramOf(part));
        }
        const whole = histogramOf(parts.flat());
        expect(merged.count).toBe(whole.count);
        expect(merged.percentilesNs(PERCENTILES)).toEqual(whole.percentilesNs(PERCENTILES));
      }),
    );
  });

  it('counts values outside its range at the edge', () => {
    const histogram = histogramOf([1, HIGHEST_LATENCY_NS * 2]);
    expect(histogram.percentileNs(50)).toBeLessThan(2 * LOWEST_LATENCY_NS);
    expect(histogram.percentileNs(100)).toBeGreaterThanOrEqual(HIGHEST_LATENCY_NS);
  });

  it('counts beyond 32 bits', () => {
    const histogram = new LatencyHistogram();
    histogram.addCount(100, 4_294_967_290);
    histogram.addCount(100, 10);
    histogram.addCount(200, 1);
    expect(histogram.count).toBe(4_294_967_301);
    expect(histogram.percentileNs(50)).toBe(100 * 64 + 63);
  });

  it('reports 0 without samples', () => {
    expect(new LatencyHistogram().percentilesNs([50, 100])).toEqual([0, 0]);
  });

  it('exports to hdr-histogram-js and its compressed form without changing a count', () => {
    fc.assert(
      fc.property(samples, (latencies) => {
        const histogram = histogramOf(latencies);
        const exported = toHdrHistogram(histogram);
        const decoded = decodeFromCompressedBase64(toHdrBase64(histogram), 64);
        for (const hdr of [exported, decoded]) {
          expect(hdr.totalCount).toBe(latencies.length);
          expect(PERCENTILES.map((p) => hdr.getValueAtPercentile(p))).toEqual(
            histogram.percentilesNs(PERCENTILES),
          );
        }
      }),
      { numRuns: 20 },
    );
  });
});
