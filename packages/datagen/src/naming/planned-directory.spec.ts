import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ObjectNames, type ObjectNaming } from './object-names.ts';
import { planDirectories, type PlannedDirectory } from './planned-directory.ts';

const flat = fc
  .constantFrom(0, 1, 7, 256)
  .map((shards): ObjectNaming => ({ type: 'flat', shards }));
const tree = fc
  .record({
    width: fc.integer({ min: 1, max: 5 }),
    depth: fc.integer({ min: 1, max: 3 }),
    filesPerDirectory: fc.constantFrom(0, 1, 5),
    distribution: fc.constantFrom('bottom' as const, 'all' as const),
    mask: fc.constantFrom('sai3bench.d%d_w%d.dir', '%d%d', 'd%d.%d'),
  })
  .map((spec): ObjectNaming => ({ type: 'tree', ...spec }));
const naming = fc.oneof(flat, tree);

/** What a plan says about the directories on the way to an object, from the root down. */
function wayTo(plan: PlannedDirectory, name: string): PlannedDirectory[] {
  const way = [plan];
  for (const part of name.split('/').slice(0, -1)) {
    const next = way.at(-1)?.child(part);
    if (next === undefined) throw new RangeError(`${name} has no planned directory ${part}`);
    way.push(next);
  }
  return way;
}

describe('planDirectories()', () => {
  it('leads to every object of a range, and counts what lies in and below each directory', () => {
    fc.assert(
      fc.property(naming, fc.nat(99), fc.nat(99), (of, from, length) => {
        const names = new ObjectNames(of, 'prepared');
        const count = names.tree?.fileCount ?? 600;
        const begin = Math.floor((count * from) / 100);
        const end = Math.min(count, begin + Math.ceil((count * length) / 100));
        const plan = planDirectories(of, { begin, end });
        const planned = new Map<string, PlannedDirectory>([['', plan]]);
        const lying = new Map<string, number>();
        const below = new Map<string, number>([['', 0]]);
        for (let index = begin; index < end; index++) {
          const name = names.nameOf(index);
          const way = wayTo(plan, name);
          for (const directory of way) {
            planned.set(directory.path, directory);
            below.set(directory.path, (below.get(directory.path) ?? 0) + 1);
          }
          const last = way.at(-1)?.path ?? '';
          expect(name.startsWith(last)).toBe(true);
          lying.set(last, (lying.get(last) ?? 0) + 1);
        }
        for (const [path, directory] of planned) {
          expect(directory.objects).toBe(lying.get(path) ?? 0);
          expect(directory.objectsBelow).toBe(below.get(path));
        }
      }),
    );
  });

  it('knows no directory in which no object of the range lies', () => {
    const spec = { width: 3, depth: 2, filesPerDirectory: 4, distribution: 'bottom' as const };
    const of: ObjectNaming = { type: 'tree', mask: 'd%d_w%d', ...spec };
    const plan = planDirectories(of, { begin: 0, end: 12 });
    expect(plan.child('d1_w1')?.objectsBelow).toBe(12);
    for (const name of ['d1_w2', 'd1_w0', 'd1_w01', 'd2_w1', 'd1_w4', 'other', '']) {
      expect(plan.child(name)).toBeUndefined();
    }
    expect(plan.child('d1_w1')?.child('d2_w3')?.child('d3_w1')).toBeUndefined();
    const shards = planDirectories({ type: 'flat', shards: 16 }, { begin: 0, end: 3 });
    expect(shards.child('02')?.objects).toBe(1);
    for (const name of ['03', '2', '0x2', '10', 'xx', '']) {
      expect(shards.child(name)).toBeUndefined();
    }
  });
});
