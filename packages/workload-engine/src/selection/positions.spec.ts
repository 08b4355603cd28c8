import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import type { AccessPlan } from '@sai3bench/workload-config/plan';
import fc from 'fast-check';
import type { Sequence } from './deck.ts';
import { type Positions, positionsOf } from './positions.ts';
import { Random } from './random.ts';

function countingUp(): Sequence {
  let number = 0;
  return { next: () => number++ };
}

const positions = (
  access: AccessPlan,
  count: number,
  sequence = countingUp(),
  randomSeed = 1n,
): Positions =>
  positionsOf(access, count, {
    random: new Random(seedOf(randomSeed)),
    sequence,
    seed: seedOf(5n),
  });

const draw = (from: Positions, times: number): number[] =>
  Array.from({ length: times }, () => from.next());

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('positionsOf()', () => {
  it('goes through all in order, again and again, when sequential', () => {
    expect(draw(positions({ type: 'sequential' }, 3), 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it.each(['sequential', 'shuffled'] as const)(
    'comes to each exactly once in a pass when %s, over all threads',
    (type) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 300 }),
          fc.array(fc.nat(2), { minLength: 900, maxLength: 900 }),
          (count, threads) => {
            const sequence = countingUp();
            const each = [0, 1, 2].map(() => positions({ type }, count, sequence));
            for (let pass = 0; pass < 3; pass++) {
              const turns = threads.slice(pass * count, (pass + 1) * count);
              const drawn = turns.map((thread) => each[thread]?.next() ?? -1);
              expect(drawn.toSorted((a, b) => a - b)).toEqual(upTo(count));
            }
          },
        ),
        { numRuns: 20 },
      );
    },
  );

  it('has another order in every pass when shuffled', () => {
    const shuffled = positions({ type: 'shuffled' }, 50);
    const passes = [0, 1, 2].map(() => draw(shuffled, 50).join());
    expect(new Set(passes).size).toBe(3);
  });

  it.each<AccessPlan>([
    { type: 'zipf', theta: 0.99 },
    { type: 'pareto', h: 0.2 },
    { type: 'hotspot', objects: 0.1, share: 0.9 },
  ])('scatters popular objects, the same ones for all threads: $type', (access) => {
    const favourites = (randomSeed: bigint): number[] => {
      const counts = new Map<number, number>();
      for (const position of draw(positions(access, 1000, countingUp(), randomSeed), 50_000)) {
        counts.set(position, (counts.get(position) ?? 0) + 1);
      }
      const ranked = [...counts].toSorted(([, a], [, b]) => b - a);
      return ranked.slice(0, 100).map(([position]) => position);
    };
    const [mine, theirs] = [favourites(1n), new Set(favourites(2n))];
    expect(mine.filter((position) => theirs.has(position)).length).toBeGreaterThan(60);
    const inFirstHalf = mine.filter((position) => position < 500).length;
    expect(inFirstHalf).toBeGreaterThan(25);
    expect(inFirstHalf).toBeLessThan(75);
  });

  it('stays within the objects for every pattern', () => {
    const access = fc.oneof(
      fc.constantFrom<AccessPlan>(
        { type: 'uniform' },
        { type: 'sequential' },
        { type: 'shuffled' },
        { type: 'pareto', h: 0.3 },
        { type: 'hotspot', objects: 0.5, share: 0.5 },
      ),
      fc
        .double({ min: 0.1, max: 5, noNaN: true })
        .map((theta): AccessPlan => ({ type: 'zipf', theta })),
    );
    fc.assert(
      fc.property(access, fc.integer({ min: 1, max: 2 ** 53 - 1 }), (pattern, count) => {
        for (const position of draw(positions(pattern, count), 20)) {
          expect(Number.isSafeInteger(position) && position >= 0 && position < count).toBe(true);
        }
      }),
    );
  });
});
