import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seedOf } from './seed.ts';
import { maxSizeBytes, meanSizeBytes, sizeAt, type SizeDistribution } from './size-distribution.ts';

const MIB = 1024 ** 2;
const SAMPLES = 20_000;

function meanOf(distribution: SizeDistribution): number {
  let sum = 0;
  for (let index = 0; index < SAMPLES; index++) sum += sizeAt(distribution, seedOf(3n), index);
  return sum / SAMPLES;
}

describe('sizeAt()', () => {
  it('gives the fixed size to every object', () => {
    expect(sizeAt({ type: 'fixed', sizeBytes: 4096 }, seedOf(1n), 99)).toBe(4096);
  });

  it('stays between the bounds, and gives the same size each time', () => {
    const uniform = { type: 'uniform', minBytes: 10, maxBytes: 12 } as const;
    const lognormal = {
      type: 'lognormal',
      meanBytes: 8 * MIB,
      stdDevBytes: 4 * MIB,
      minBytes: MIB,
      maxBytes: 16 * MIB,
    } as const;
    fc.assert(
      fc.property(fc.constantFrom(uniform, lognormal), fc.maxSafeNat(), (distribution, index) => {
        const sizeBytes = sizeAt(distribution, seedOf(9n), index);
        expect(sizeBytes).toBe(sizeAt(distribution, seedOf(9n), index));
        expect(Number.isInteger(sizeBytes)).toBe(true);
        expect(sizeBytes).toBeLessThanOrEqual(maxSizeBytes(distribution));
        expect(sizeBytes).toBeGreaterThanOrEqual(distribution.minBytes);
      }),
    );
  });

  it('reaches every size of a narrow uniform distribution', () => {
    const sizes = new Set(
      Array.from({ length: 100 }, (_, index) =>
        sizeAt({ type: 'uniform', minBytes: 10, maxBytes: 12 }, seedOf(1n), index),
      ),
    );
    expect(sizes).toEqual(new Set([10, 11, 12]));
  });

  it.each<[string, SizeDistribution]>([
    ['uniform', { type: 'uniform', minBytes: 0, maxBytes: MIB }],
    [
      'lognormal',
      {
        type: 'lognormal',
        meanBytes: MIB,
        stdDevBytes: MIB / 2,
        minBytes: 1,
        maxBytes: 1024 * MIB,
      },
    ],
  ])('has the mean of the %s distribution', (_, distribution) => {
    expect(meanOf(distribution) / meanSizeBytes(distribution)).toBeCloseTo(1, 1);
  });

  it('clamps when the bounds lie where the distribution hardly reaches', () => {
    const distribution: SizeDistribution = {
      type: 'lognormal',
      meanBytes: 1000,
      stdDevBytes: 1,
      minBytes: 5000,
      maxBytes: 6000,
    };
    expect(sizeAt(distribution, seedOf(1n), 0)).toBe(5000);
  });
});
