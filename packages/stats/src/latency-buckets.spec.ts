import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import {
  BUCKET_COUNT,
  bucketOfLatency,
  HIGHEST_LATENCY_NS,
  highestLatencyOf,
  LOWEST_LATENCY_NS,
  lowestLatencyOf,
} from './latency-buckets.ts';

/** Latencies of every magnitude: an exponent first, then a value below it. */
const latencies = fc
  .tuple(fc.integer({ min: 7, max: 41 }), fc.double({ min: 0.5, max: 1, noNaN: true }))
  .map(([bits, fraction]) => Math.floor(2 ** bits * fraction))
  .filter((latencyNs) => latencyNs >= LOWEST_LATENCY_NS && latencyNs <= HIGHEST_LATENCY_NS);

describe('the bucket layout', () => {
  it('puts every latency into a bucket whose bounds contain it, within three digits', () => {
    fc.assert(
      fc.property(latencies, (latencyNs) => {
        const bucket = bucketOfLatency(latencyNs);
        expect(lowestLatencyOf(bucket)).toBeLessThanOrEqual(latencyNs);
        expect(highestLatencyOf(bucket)).toBeGreaterThanOrEqual(latencyNs);
        const width = highestLatencyOf(bucket) - lowestLatencyOf(bucket) + 1;
        expect(width).toBeLessThanOrEqual(Math.max(LOWEST_LATENCY_NS, latencyNs / 1000));
      }),
      { numRuns: 2000 },
    );
  });

  it('is the layout of hdr-histogram-js', () => {
    const hdr = build({
      bitBucketSize: 64,
      autoResize: false,
      lowestDiscernibleValue: LOWEST_LATENCY_NS,
      highestTrackableValue: HIGHEST_LATENCY_NS,
      numberOfSignificantValueDigits: 3,
    });
    fc.assert(
      fc.property(latencies, (latencyNs) => {
        hdr.reset();
        hdr.recordValue(latencyNs);
        expect(highestLatencyOf(bucketOfLatency(latencyNs))).toBe(hdr.getValueAtPercentile(100));
      }),
    );
  });

  it('covers the whole range and no more', () => {
    expect(bucketOfLatency(LOWEST_LATENCY_NS)).toBe(1);
    expect(bucketOfLatency(HIGHEST_LATENCY_NS)).toBeLessThan(BUCKET_COUNT);
    expect(bucketOfLatency(highestLatencyOf(BUCKET_COUNT - 1))).toBe(BUCKET_COUNT - 1);
  });

  it('has adjoining buckets', () => {
    for (let bucket = 1; bucket < BUCKET_COUNT; bucket++) {
      expect(lowestLatencyOf(bucket)).toBe(highestLatencyOf(bucket - 1) + 1);
    }
  });
});
