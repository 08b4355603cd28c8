import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { chiSquare, chiSquareLimit } from '../testing/chi-square.ts';
import { HotspotRanks, ParetoRanks, type Ranks, UniformRanks, ZipfRanks } from './popularity.ts';
import { Random } from './random.ts';

const DRAWS = 200_000;
const random = (seed = 11n): Random => new Random(seedOf(seed));

function countsOf(ranks: Ranks, count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (let n = 0; n < DRAWS; n++) {
    const rank = ranks.next();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}

/** The share of draws that fall on the first `part` of the ranks. */
function shareOf(ranks: Ranks, count: number, part: number): number {
  let first = 0;
  for (let n = 0; n < DRAWS; n++) if (ranks.next() < count * part) first++;
  return first / DRAWS;
}

describe('UniformRanks', () => {
  it('draws every rank equally often', () => {
    const counts = countsOf(new UniformRanks(50, random()), 50);
    expect(chiSquare(counts, new Array<number>(50).fill(DRAWS / 50))).toBeLessThan(
      chiSquareLimit(49),
    );
  });
});

describe('ZipfRanks', () => {
  it.each([0.2, 0.5, 0.99, 1, 1.2, 2.5])("follows Zipf's law for theta %d", (theta) => {
    const count = 60;
    const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -theta);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = countsOf(new ZipfRanks(count, theta, random()), count);
    const expected = weights.map((weight) => (weight / total) * DRAWS);
    expect(chiSquare(counts, expected)).toBeLessThan(chiSquareLimit(count - 1));
  });

  it('stays within the ranks, for any count and theta', () => {
    const count = fc.oneof(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 2 ** 53 - 1 }),
    );
    fc.assert(
      fc.property(count, fc.double({ min: 0.01, max: 20, noNaN: true }), (most, theta) => {
        const ranks = new ZipfRanks(most, theta, random());
        for (let n = 0; n < 50; n++) {
          const rank = ranks.next();
          expect(Number.isSafeInteger(rank) && rank >= 0 && rank < most).toBe(true);
        }
      }),
    );
  });

  it('gives the first of a thousand million objects its share', () => {
    // The sum of 1 / r^0.99 up to 10^9, by Euler and Maclaurin.
    const sum = (1e9 ** 0.01 - 1) / 0.01 + 0.5772 + 0.0728 * 0.01;
    expect(shareOf(new ZipfRanks(1e9, 0.99, random()), 1e9, 1e-9)).toBeCloseTo(1 / sum, 2);
  });
});

describe('ParetoRanks', () => {
  it('is the 80/20 rule for h = 0.2, again within the popular part', () => {
    expect(shareOf(new ParetoRanks(100_000, 0.2, random()), 100_000, 0.2)).toBeCloseTo(0.8, 2);
    expect(shareOf(new ParetoRanks(100_000, 0.2, random()), 100_000, 0.04)).toBeCloseTo(0.64, 2);
  });

  it('is uniform for h = 0.5', () => {
    const counts = countsOf(new ParetoRanks(20, 0.5, random()), 20);
    expect(chiSquare(counts, new Array<number>(20).fill(DRAWS / 20))).toBeLessThan(
      chiSquareLimit(19),
    );
  });

  it('stays within the ranks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 53 - 1 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (count, h) => {
          const ranks = new ParetoRanks(count, h, random());
          for (let n = 0; n < 20; n++) expect(ranks.next()).toBeLessThan(count);
        },
      ),
    );
  });
});

describe('HotspotRanks', () => {
  it('gives the hot part its share, evenly within and without', () => {
    const counts = countsOf(new HotspotRanks(100, 0.1, 0.9, random()), 100);
    const expected = counts.map((_, rank) => (rank < 10 ? 0.09 : 0.1 / 90) * DRAWS);
    expect(chiSquare(counts, expected)).toBeLessThan(chiSquareLimit(99));
  });

  it('has at least one hot object, and never more than there are', () => {
    expect(shareOf(new HotspotRanks(10, 0.001, 0.9, random()), 10, 0.1)).toBeCloseTo(0.9, 2);
    expect(countsOf(new HotspotRanks(1, 0.5, 0.5, random()), 1)).toEqual([DRAWS]);
  });
});
