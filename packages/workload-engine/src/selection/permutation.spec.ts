import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { chiSquare, chiSquareLimit } from '../testing/chi-square.ts';
import { Permutation } from './permutation.ts';

const anySeed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(seedOf);

const orderOf = (count: number, seed: bigint): number[] => {
  const permutation = new Permutation(count, seedOf(seed));
  return Array.from({ length: count }, (_, index) => permutation.at(index));
};

describe('Permutation', () => {
  it('has every number exactly once, whatever the count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), anySeed, (count, seed) => {
        const permutation = new Permutation(count, seed);
        const seen = new Set(Array.from({ length: count }, (_, index) => permutation.at(index)));
        expect(seen.size).toBe(count);
        expect(Math.min(...seen)).toBe(0);
        expect(Math.max(...seen)).toBe(count - 1);
      }),
      { numRuns: 60 },
    );
  });

  it('never gives one number to two places of a huge count', () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 50 - 1 }), { minLength: 2 });
    const permutation = new Permutation(2 ** 50, seedOf(9n));
    fc.assert(
      fc.property(places, (some) => {
        const numbers = some.map((place) => permutation.at(place));
        expect(new Set(numbers).size).toBe(some.length);
        for (const number of numbers) expect(number).toBeLessThan(2 ** 50);
      }),
    );
  });

  it('has another order for another seed', () => {
    expect(orderOf(1000, 1n)).not.toEqual(orderOf(1000, 2n));
    expect(orderOf(1000, 1n)).toEqual(orderOf(1000, 1n));
  });

  it('takes on another order for every variant, and the first one again', () => {
    const permutation = new Permutation(100, seedOf(3n));
    const orders = [0, 1, 2 ** 32, 2 ** 40, 0].map((variant) => {
      permutation.reorder(variant);
      return Array.from({ length: 100 }, (_, index) => permutation.at(index)).join();
    });
    expect(new Set(orders).size).toBe(4);
    expect(orders[0]).toBe(orders[4]);
  });

  it.each([1_000, 1_024, 99_991])('scatters neighbours of %d over all numbers', (count) => {
    const bins = new Array<number>(16).fill(0);
    for (let seed = 0n; seed < 200n; seed++) {
      const permutation = new Permutation(count, seedOf(seed));
      for (let index = 0; index < 10; index++) {
        const bin = Math.floor((permutation.at(index) / count) * bins.length);
        bins[bin] = (bins[bin] ?? 0) + 1;
      }
    }
    expect(chiSquare(bins, new Array<number>(16).fill(2000 / 16))).toBeLessThan(chiSquareLimit(15));
  });

  it('keeps no pattern of the order it is asked in: successive numbers are no nearer than any', () => {
    const count = 10_000;
    const order = orderOf(count, 5n);
    let distance = 0;
    for (let index = 1; index < count; index++) {
      distance += Math.abs((order[index] ?? 0) - (order[index - 1] ?? 0));
    }
    // Two independent numbers are a third of the range apart on average.
    expect(distance / (count - 1) / count).toBeCloseTo(1 / 3, 1);
  });
});
