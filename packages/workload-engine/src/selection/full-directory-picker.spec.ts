import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import { allocateObjectStates } from '@sai3bench/metadata-cache';
import { allocateLiveSet, LiveSet } from '../memory/live-set.ts';
import { allocateReadLeases, ReadLeases } from '../memory/read-leases.ts';
import { PoolObjects } from '../stage/pool-objects.ts';
import { planOf } from '../testing/run-plan.ts';
import { FullDirectoryPicker } from './full-directory-picker.ts';
import { LeafDirectories } from './leaf-directories.ts';
import { Random } from './random.ts';

/** Pickers for a tree of 4 directories with 3 files each, of the first of some agents that share it. */
function makePicker(agents = 1) {
  const plan = planOf(
    `
target: file:///data/
distributed: {shared_filesystem: true}
prepare:
  directory_structure: {width: 2, depth: 2, files_per_dir: 3}
  ensure_objects: [{base_uri: tree/}]
workload: [{op: rmdir, path: tree/, weight: 1, recursive: true}]
`,
    agents,
  );
  const leaves = LeafDirectories.of(plan, 0);
  const [pool] = plan.pools;
  if (leaves === undefined || pool === undefined) throw new Error('there is no tree');
  const count = pool.own.end - pool.own.begin;
  const objects = new PoolObjects(pool, allocateObjectStates(count));
  const live = new LiveSet(allocateLiveSet(count), count);
  for (let file = pool.own.begin; file < pool.own.end; file++) {
    objects.setState(file, 'created');
    live.add(file - pool.own.begin);
  }
  const full = new LiveSet(allocateLiveSet(leaves.count), leaves.count);
  full.assign(leaves.count, (directory) => {
    const { begin, end } = leaves.ownFilesOf(directory);
    return end > begin;
  });
  const leases = new ReadLeases(allocateReadLeases(4));
  const stage = { pools: [objects], live: [live], leases, statesKnown: true, others: [] };
  const picker = new FullDirectoryPicker(stage, 0, leaves, full, new Random(seedOf(1n)));
  return { picker, leaves, objects, live, leases };
}

describe('FullDirectoryPicker', () => {
  it('takes each directory once, with its files', () => {
    const { live, objects, picker } = makePicker();
    const taken = [0, 1, 2, 3].map(() => picker.take());
    expect(taken.toSorted()).toEqual([0, 1, 2, 3]);
    expect(picker.take()).toBe(-1);
    expect(picker.isEmpty).toBe(true);
    expect(live.next(0)).toBe(-1);
    picker.ended(1, 'succeeded');
    picker.ended(2, 'failed');
    expect([3, 6].map((file) => objects.stateOf(file))).toEqual(['deleted', 'creating']);
  });

  it('waits until those who read a file of a directory have read it, while nobody else gets one', () => {
    const { leases, live, picker } = makePicker();
    const reading = [0, 3, 6, 9].map((file) => leases.enter(0, file));
    expect(picker.take()).toBe(-1);
    expect(picker.isEmpty).toBe(false);
    const left = Array.from({ length: 12 }, (_, file) => file).filter((file) => live.has(file));
    expect(left).toHaveLength(9);
    for (const lease of reading) leases.leave(lease);
    const directory = picker.take();
    expect(left).not.toContain(directory * 3);
    expect(
      [0, 1, 2]
        .map(() => picker.take())
        .concat(directory)
        .toSorted(),
    ).toEqual([0, 1, 2, 3]);
  });

  it('leaves alone a directory with files of another agent', () => {
    const { leaves, picker } = makePicker(3);
    // 4 of 12 files: the second directory has one of them.
    expect(leaves.keyOf(picker.take())).toBe('tree/sai3bench.d1_w1.dir/sai3bench.d2_w1.dir');
    expect(picker.take()).toBe(-1);
  });
});

describe('LeafDirectories', () => {
  it('names the directories that a run makes so that no other run has made them', () => {
    const { leaves } = makePicker();
    expect(leaves.madeKeyOf(3)).toBe('tree/dir_testrun/sai3bench.d1_w2.dir/sai3bench.d2_w2.dir');
  });
});
