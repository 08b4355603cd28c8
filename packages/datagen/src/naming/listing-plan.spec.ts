import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planListing } from './listing-plan.ts';
import { ObjectNames, type ObjectNaming } from './object-names.ts';

const MASK = 'sai3bench.d%d_w%d.dir';

const flat = fc
  .constantFrom(0, 1, 7, 256)
  .map((shards): ObjectNaming => ({ type: 'flat', shards }));
const tree = fc
  .record({
    width: fc.integer({ min: 1, max: 12 }),
    depth: fc.integer({ min: 1, max: 3 }),
    filesPerDirectory: fc.constantFrom(1, 5, 2_000),
    distribution: fc.constantFrom('bottom' as const, 'all' as const),
  })
  .map((spec): ObjectNaming => ({ type: 'tree', mask: MASK, ...spec }));

function prefixesOf(naming: ObjectNaming, begin: number, end: number): string[] {
  const plan = planListing(naming, 'prepared', { begin, end });
  return Array.from({ length: plan.count }, (_, position) => plan.prefixAt(position));
}

describe('planListing()', () => {
  it('finds every object of a range with exactly one of its prefixes', () => {
    fc.assert(
      fc.property(fc.oneof(flat, tree), fc.nat(99), fc.nat(99), (naming, from, length) => {
        const names = new ObjectNames(naming, 'prepared');
        const count = names.tree?.fileCount ?? 200_000;
        const begin = Math.floor((count * from) / 100);
        const end = Math.min(count, begin + Math.ceil((count * length) / 100));
        const prefixes = prefixesOf(naming, begin, end);
        const step = Math.max(1, Math.floor((end - begin) / 50));
        for (let index = begin; index < end; index += step) {
          const name = names.nameOf(index);
          expect(prefixes.filter((prefix) => name.startsWith(prefix))).toHaveLength(1);
        }
      }),
    );
  });

  it('lists flat names by the digits that they begin with', () => {
    expect(prefixesOf({ type: 'flat', shards: 0 }, 1_500, 3_100)).toEqual([
      'prepared-00001',
      'prepared-00002',
      'prepared-00003',
    ]);
  });

  it('lists every shard', () => {
    const prefixes = prefixesOf({ type: 'flat', shards: 256 }, 0, 1_000_000);
    expect(prefixes).toHaveLength(256);
    expect(prefixes[255]).toBe('ff/prepared-00');
  });

  it('lists the directory above where directories have few files', () => {
    const spec = { width: 10, depth: 3, filesPerDirectory: 150, distribution: 'bottom' as const };
    const prefixes = prefixesOf({ type: 'tree', mask: MASK, ...spec }, 0, 3_000);
    expect(prefixes).toEqual([
      'sai3bench.d1_w1.dir/sai3bench.d2_w1.dir/',
      'sai3bench.d1_w1.dir/sai3bench.d2_w2.dir/',
    ]);
  });

  it('lists nothing for an empty range', () => {
    expect(prefixesOf({ type: 'flat', shards: 0 }, 5, 5)).toEqual([]);
  });
});
