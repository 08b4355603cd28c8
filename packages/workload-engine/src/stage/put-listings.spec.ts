import { describe, expect, it } from '@jest/globals';
import { putCounterIndex } from '../memory/run-memory.ts';
import { planOf } from '../testing/run-plan.ts';
import { putListings, putPlaces } from './put-listings.ts';
import { PutSpan } from './put-span.ts';

const PLAN = planOf(`
target: s3://bucket/set/
concurrency: 4
duration: 1s
workload:
  - {op: put, path: new/, object_size: 100, weight: 1}
  - {op: put, path: others/, object_size: 100, weight: 1}
`);

function countersOf(used: readonly (readonly [entry: number, worker: number, count: number])[]) {
  const counters = new Float64Array(100 * 16);
  for (const [entry, worker, count] of used)
    counters[putCounterIndex(PLAN.operations.length, entry, worker)] = count;
  return counters;
}

describe('putListings()', () => {
  it('covers the names that were used, and no others', () => {
    const counters = countersOf([
      [0, 0, 12],
      [0, 11, 3],
    ]);
    const [listing, ...more] = putListings(PLAN, counters);
    expect(more).toEqual([]);
    const names = new PutSpan(PLAN, counters);
    const keys = Array.from({ length: names.total }, (_, position) => names.at(position).key);
    expect(keys).toHaveLength(15);
    const prefix = listing?.prefix ?? '';
    for (const key of keys)
      expect([key.startsWith(prefix), listing?.isOwn(key)]).toEqual([true, true]);
    for (const rest of ['0-12', '0-012', '11-3', '1-0', '0-0.txt', '0', '-', ''])
      expect(listing?.isOwn(prefix + rest)).toBe(false);
  });

  it('looks nowhere when nothing was put', () => {
    expect(putListings(PLAN, countersOf([]))).toEqual([]);
  });

  it('looks into every shard', () => {
    const plan = {
      ...PLAN,
      operations: PLAN.operations.map((each) =>
        each.op === 'put' ? { ...each, shards: 4 } : each,
      ),
    };
    const counters = countersOf([[1, 2, 9]]);
    const listings = putListings(plan, counters);
    expect(listings).toHaveLength(4);
    const names = new PutSpan(plan, counters);
    for (let position = 0; position < names.total; position++) {
      const { key } = names.at(position);
      const at = listings.filter(({ prefix }) => key.startsWith(prefix));
      expect(at.map(({ isOwn }) => isOwn(key))).toEqual([true]);
    }
  });
});

describe('putPlaces()', () => {
  it.each([0, 300])(
    'has one prefix for each entry that has put something (%d shards)',
    (shards) => {
      const plan = {
        ...PLAN,
        operations: PLAN.operations.map((each) => (each.op === 'put' ? { ...each, shards } : each)),
      };
      const counters = countersOf([[1, 2, 9]]);
      const [place, ...more] = putPlaces(plan, counters);
      expect(more).toEqual([]);
      const names = new PutSpan(plan, counters);
      for (let position = 0; position < names.total; position++) {
        const { key } = names.at(position);
        expect([key.startsWith(place?.prefix ?? '-'), place?.isOwn(key)]).toEqual([true, true]);
        expect(place?.isOwn(`${key}0`)).toBe(false);
        expect(place?.isOwn(`x/${key}`)).toBe(false);
      }
    },
  );
});
