import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allocateCoarseLatencies,
  CoarseLatencies,
  CoarseLatencyReader,
} from './coarse-latencies.ts';
import { LatencyHistogram } from './latency-histogram.ts';

describe('CoarseLatencies', () => {
  it('keeps two digits of every latency', () => {
    fc.assert(
      fc.property(fc.double({ min: 65_536, max: 3.6e12, noNaN: true }), (latencyNs) => {
        const latencies = new CoarseLatencies(allocateCoarseLatencies(2));
        latencies.record(1, latencyNs);
        const histogram = new LatencyHistogram();
        latencies.addTo(histogram, 1);
        const read = histogram.percentileNs(100);
        expect(read).toBeGreaterThanOrEqual(Math.floor(latencyNs));
        expect(read).toBeLessThanOrEqual(latencyNs * 1.01);
      }),
    );
  });

  it('keeps rows apart, and takes what is out of range as the nearest', () => {
    const memory = allocateCoarseLatencies(3);
    const latencies = new CoarseLatencies(memory);
    latencies.record(0, 0);
    latencies.record(2, 1e15);
    latencies.record(2, 100_000);
    const rows = [0, 1, 2].map((row) => {
      const histogram = new LatencyHistogram();
      new CoarseLatencies(memory).addTo(histogram, row);
      return histogram;
    });
    expect(rows.map(({ count }) => count)).toEqual([1, 0, 2]);
    expect(rows[0]?.percentileNs(100)).toBe(511);
    expect(rows[2]?.percentileNs(100)).toBeGreaterThanOrEqual(3.6e12);
  });

  it('starts again when it is cleared', () => {
    const latencies = new CoarseLatencies(allocateCoarseLatencies(1));
    latencies.record(0, 100_000);
    latencies.clear();
    latencies.record(0, 200_000);
    const histogram = new LatencyHistogram();
    latencies.addTo(histogram, 0);
    expect(histogram.count).toBe(1);
  });

  it('goes on counting where 32 bits end', () => {
    const memory = allocateCoarseLatencies(1);
    const latencies = new CoarseLatencies(memory);
    latencies.record(0, 100_000);
    const counts = new Float64Array(memory);
    counts[counts.indexOf(1)] = 2 ** 32 - 1;
    const reader = new CoarseLatencyReader(memory);
    expect(reader.takeDelta(0).count).toBe(2 ** 32 - 1);
    latencies.record(0, 100_000);
    latencies.record(0, 100_000);
    const histogram = new LatencyHistogram();
    latencies.addTo(histogram, 0);
    expect(histogram.count).toBe(2 ** 32 + 1);
    expect(reader.takeDelta(0).count).toBe(2);
  });
});
