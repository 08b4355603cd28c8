import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deriveSeed, randomAt, seedOf, seedToBigInt } from './seed.ts';

const seeds = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('seeds', () => {
  it('are 64-bit numbers in two halves', () => {
    fc.assert(
      fc.property(seeds, (value) => {
        expect(seedToBigInt(seedOf(value))).toBe(value);
      }),
    );
  });

  it('derive other seeds for other labels', () => {
    const seed = seedOf(7n);
    const derived = ['a', 'b', 'ab', 'ba', '', 'data/prepared'].map((label) =>
      seedToBigInt(deriveSeed(seed, label)),
    );
    expect(new Set(derived).size).toBe(derived.length);
  });
});

describe('randomAt()', () => {
  it('is a pure function of seed, index and draw', () => {
    fc.assert(
      fc.property(seeds, fc.maxSafeNat(), fc.nat(1000), (value, index, draw) => {
        const number = randomAt(seedOf(value), index, draw);
        expect(number).toBe(randomAt(seedOf(value), index, draw));
        expect(number).toBeGreaterThanOrEqual(0);
        expect(number).toBeLessThan(1);
      }),
    );
  });

  it.each([
    ['neighbouring items', (n: number) => randomAt(seedOf(1n), n, 0)],
    ['items beyond 32 bits', (n: number) => randomAt(seedOf(1n), 2 ** 40 + n * 2 ** 32, 0)],
    ['draws of one item', (n: number) => randomAt(seedOf(1n), 5, n)],
    ['neighbouring seeds', (n: number) => randomAt(seedOf(BigInt(n)), 5, 0)],
  ])('spreads %s evenly over [0, 1)', (_, at) => {
    const bins = new Array<number>(64).fill(0);
    const draws = 64_000;
    for (let n = 0; n < draws; n++) {
      const bin = Math.floor(at(n) * bins.length);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const expected = draws / bins.length;
    const chiSquared = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: the 0.9999 quantile is 115.
    expect(chiSquared).toBeLessThan(115);
  });
});
