import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import { Random } from './random.ts';

describe('Random', () => {
  it('repeats its numbers for the same seed and has others for another', () => {
    const numbers = (seed: bigint): number[] => {
      const random = new Random(seedOf(seed));
      return Array.from({ length: 10 }, () => random.below(1e9));
    };
    expect(numbers(7n)).toEqual(numbers(7n));
    expect(numbers(7n)).not.toEqual(numbers(8n));
  });

  it('yields fractions from 0 up to but not including 1, evenly', () => {
    const { fraction } = new Random(seedOf(5n));
    const values = Array.from({ length: 10_000 }, fraction);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  });

  it.each([2, 10, 1000, 2 ** 40])('spreads evenly below %d', (limit) => {
    const random = new Random(seedOf(3n));
    const bins = new Array<number>(10).fill(0);
    const draws = 100_000;
    for (let n = 0; n < draws; n++) {
      const value = random.below(limit);
      expect(value).toBeLessThan(limit);
      const bin = Math.floor((value / limit) * bins.length);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const used = bins.filter((count) => count > 0);
    for (const count of used) expect(count / (draws / used.length)).toBeCloseTo(1, 1);
  });
});
