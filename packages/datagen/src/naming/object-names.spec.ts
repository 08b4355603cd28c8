import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ObjectNaming, ObjectNames } from './object-names.ts';

const TREE: ObjectNaming = {
  type: 'tree',
  width: 3,
  depth: 2,
  filesPerDirectory: 4,
  distribution: 'bottom',
  mask: 'sai3bench.d%d_w%d.dir',
};

const flat = (shards: number): ObjectNaming => ({ type: 'flat', shards });

describe('ObjectNames', () => {
  it.each([
    [flat(0), 42, 'prepared-00000042.dat'],
    [flat(0), 1_234_567_890, 'prepared-1234567890.dat'],
    [flat(256), 298, '2a/prepared-00000298.dat'],
    [flat(4096), 298, '12a/prepared-00000298.dat'],
    [flat(4096), 7, '07/prepared-00000007.dat'],
    [TREE, 5, 'sai3bench.d1_w1.dir/sai3bench.d2_w2.dir/file_00000005.dat'],
  ])('with %j calls object %i %s', (naming, index, name) => {
    expect(new ObjectNames(naming, 'prepared').nameOf(index)).toBe(name);
  });

  it('has no name longer than the longest, and no two alike', () => {
    const namings = fc.oneof(
      fc.record({ type: fc.constant('flat' as const), shards: fc.nat(5000) }),
      fc.constant(TREE),
    );
    fc.assert(
      fc.property(namings, fc.integer({ min: 1, max: 36 }), (naming, count) => {
        const names = new ObjectNames(naming, 'prepared');
        const all = Array.from({ length: count }, (_, index) => names.nameOf(index));
        const longest = Math.max(...all.map(({ length }) => length));
        expect(names.longestName(count).length).toBeGreaterThanOrEqual(longest);
        expect(new Set(all).size).toBe(count);
      }),
    );
  });

  it('finds the number of every name', () => {
    const namings = fc.constantFrom(flat(0), flat(256), flat(4096), TREE);
    fc.assert(
      fc.property(namings, fc.nat(35), (naming, index) => {
        const names = new ObjectNames(naming, 'prepared');
        expect(names.indexOf(names.nameOf(index))).toBe(index);
      }),
    );
  });

  it.each([
    [flat(0), 'prepared-42.dat'],
    [flat(0), 'deletable-00000042.dat'],
    [flat(0), '2a/prepared-00000042.dat'],
    [flat(0), 'prepared-00000042.dat.tmp'],
    [flat(0), 'prepared-99999999999999999999.dat'],
    [flat(256), '2b/prepared-00000042.dat'],
    [TREE, 'sai3bench.d1_w1.dir/sai3bench.d2_w1.dir/file_00000005.dat'],
    [TREE, 'sai3bench.d1_w1.dir/sai3bench.d2_w2.dir/file_00000036.dat'],
  ])('with %j finds no object called %s', (naming, name) => {
    expect(new ObjectNames(naming, 'prepared').indexOf(name)).toBeUndefined();
  });

  it.each([
    [flat(0), 1000, 1000],
    [flat(16), 1000, 63],
    [flat(256), 1000, 256],
    [flat(256), 10, 10],
    [TREE, 36, 4],
    [{ ...TREE, distribution: 'all' as const }, 48, 7],
    [{ ...TREE, distribution: 'all' as const, depth: 1 }, 12, 4],
  ])('with %j has for %i objects %i entries in the fullest directory', (naming, count, entries) => {
    expect(new ObjectNames(naming, 'prepared').mostEntries(count)).toBe(entries);
  });
});
