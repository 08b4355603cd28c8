import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seedOf } from './seed.ts';
import { maxSizeBytes, meanSizeBytes, sizeAt } from './size-distribution.ts';
import { SizeHistogram } from './size-histogram.ts';

describe('SizeHistogram', () => {
  it('keeps few different sizes as they are', () => {
    const histogram = new SizeHistogram();
    for (const sizeBytes of [4096, 100, 4096, 4096]) histogram.add(sizeBytes);
    expect(histogram.toDistribution()).toEqual({
      type: 'weighted',
      buckets: [
        { minBytes: 100, maxBytes: 100, upTo: 0.25 },
        { minBytes: 4096, maxBytes: 4096, upTo: 1 },
      ],
    });
  });

  it('is a fixed size when there is only one', () => {
    const histogram = new SizeHistogram();
    histogram.add(7);
    histogram.add(7, 5);
    expect(histogram.toDistribution()).toEqual({ type: 'fixed', sizeBytes: 7 });
  });

  it('keeps the mean of many sizes, their largest and every quantile to 1 %, in bounded memory', () => {
    const histogram = new SizeHistogram();
    const sizes: number[] = [];
    const lognormal = {
      type: 'lognormal',
      meanBytes: 1e6,
      stdDevBytes: 4e6,
      minBytes: 0,
      maxBytes: 1e12,
    } as const;
    for (let index = 0; index < 50_000; index++) {
      const sizeBytes = sizeAt(lognormal, seedOf(1n), index);
      sizes.push(sizeBytes);
      histogram.add(sizeBytes);
    }
    sizes.sort((a, b) => a - b);
    const distribution = histogram.toDistribution();
    const buckets = distribution.type === 'weighted' ? distribution.buckets : [];
    expect(buckets.length).toBeLessThan(3400);
    const mean = sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0) / sizes.length;
    expect(Math.abs(meanSizeBytes(distribution) / mean - 1)).toBeLessThan(1e-5);
    expect(maxSizeBytes(distribution)).toBeLessThanOrEqual(sizes.at(-1) ?? 0);
    for (const { maxBytes, minBytes, upTo } of buckets) {
      const quantile = sizes[Math.max(0, Math.round(upTo * sizes.length) - 1)] ?? 0;
      expect(quantile).toBeGreaterThanOrEqual(minBytes * 0.99);
      expect(quantile).toBeLessThanOrEqual(maxBytes * 1.01 + 1);
    }
  });

  it('draws only sizes that lie between the smallest and the largest', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 3000 }), (sizes) => {
        const histogram = new SizeHistogram();
        for (const sizeBytes of sizes) histogram.add(sizeBytes);
        const distribution = histogram.toDistribution();
        for (let index = 0; index < 20; index++) {
          const sizeBytes = sizeAt(distribution, seedOf(5n), index);
          expect(sizeBytes).toBeGreaterThanOrEqual(Math.min(...sizes));
          expect(sizeBytes).toBeLessThanOrEqual(Math.max(...sizes));
        }
      }),
    );
  });

  it('has nothing to draw from when it is empty', () => {
    expect(() => new SizeHistogram().toDistribution()).toThrow(
      expect.objectContaining({ code: 'SIZES_EMPTY' }),
    );
  });
});
