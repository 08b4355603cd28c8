import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seedOf } from './seed.ts';
import { meanSizeBytes, sizeAt } from './size-distribution.ts';
import { weightedSizes } from './weighted-sizes.ts';

const range = fc
  .tuple(fc.nat(1e6), fc.nat(1e6), fc.nat(100))
  .map(([a, b, weight]) => ({ minBytes: Math.min(a, b), maxBytes: Math.max(a, b), weight }));

describe('weightedSizes()', () => {
  it('draws each range in proportion to its weight', () => {
    const distribution = weightedSizes([
      { minBytes: 100, maxBytes: 100, weight: 60 },
      { minBytes: 1000, maxBytes: 2000, weight: 30 },
      { minBytes: 5, maxBytes: 5, weight: 10 },
    ]);
    const counts = { small: 0, middle: 0, tiny: 0 };
    for (let index = 0; index < 20_000; index++) {
      const sizeBytes = sizeAt(distribution, seedOf(2n), index);
      if (sizeBytes === 100) counts.small++;
      else if (sizeBytes === 5) counts.tiny++;
      else counts.middle++;
    }
    expect(counts.small / 20_000).toBeCloseTo(0.6, 1);
    expect(counts.middle / 20_000).toBeCloseTo(0.3, 1);
    expect(counts.tiny / 20_000).toBeCloseTo(0.1, 1);
    expect(meanSizeBytes(distribution)).toBeCloseTo(60 + 450 + 0.5);
  });

  it('draws only sizes of ranges that have a weight, the same ones each time', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1 }), fc.maxSafeNat(), (ranges, index) => {
        const used = ranges.filter(({ weight }) => weight > 0);
        fc.pre(used.length > 0);
        const sizeBytes = sizeAt(weightedSizes(ranges), seedOf(3n), index);
        expect(
          used.some(({ maxBytes, minBytes }) => sizeBytes >= minBytes && sizeBytes <= maxBytes),
        ).toBe(true);
        expect(sizeAt(weightedSizes(ranges), seedOf(3n), index)).toBe(sizeBytes);
      }),
    );
  });

  it('refuses ranges without any weight', () => {
    expect(() => weightedSizes([{ minBytes: 1, maxBytes: 1, weight: 0 }])).toThrow(
      expect.objectContaining({ code: 'SIZES_EMPTY' }),
    );
  });
});
