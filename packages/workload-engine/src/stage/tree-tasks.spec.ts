import { describe, expect, it } from '@jest/globals';
import type { AgentPlan } from '@sai3bench/workload-config';
import { allocateRunMemory } from '../memory/run-memory.ts';
import { allocateStageMemory, type TreeMemory } from '../memory/stage-memory.ts';
import { planOf } from '../testing/run-plan.ts';
import { slotStub } from '../testing/slot-stub.ts';
import { PoolObjects } from './pool-objects.ts';
import { hasDirectories, TreeDirectories } from './tree-directories.ts';
import { TreeTasks } from './tree-tasks.ts';

const TREE =
  'prepare: {directory_structure: {width: 3, depth: 3, files_per_dir: 2}, ensure_objects: [{base_uri: tree/}]}';

/** The keys of an agent's share, in order. */
function keysOf(plan: AgentPlan): string[] {
  const directories = new TreeDirectories(
    plan,
    plan.pools.map((_, pool) => pool),
  );
  return Array.from({ length: directories.total }, (_, position) => directories.at(position).key);
}

describe('TreeDirectories', () => {
  it('are all directories of a tree, those above others first', () => {
    const keys = keysOf(planOf(`{target: "file:///mnt/x/", ${TREE}}`));
    expect(keys).toHaveLength(3 + 9 + 27);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toBe('tree/sai3bench.d1_w1.dir');
    expect(keys.at(-1)).toBe('tree/sai3bench.d1_w3.dir/sai3bench.d2_w3.dir/sai3bench.d3_w3.dir');
    for (const [position, key] of keys.entries()) {
      const above = key.slice(0, key.lastIndexOf('/'));
      if (above !== 'tree') expect(keys.indexOf(above)).toBeLessThan(position);
    }
  });

  it.each(['bottom', 'all'])('are dealt to the agents, each to one, with files in %s', (where) => {
    const yaml = `{target: "file:///mnt/x/", distributed: {shared_filesystem: true}, ${TREE.replace('files_per_dir: 2', `files_per_dir: 2, distribution: ${where}`)}}`;
    const shares = [0, 1, 2, 3].map((index) => {
      const plan = planOf(yaml, 4);
      return keysOf({ ...plan, share: { ...plan.share, index } });
    });
    expect(shares.flat().toSorted()).toEqual(keysOf(planOf(yaml)).toSorted());
    for (const share of shares) expect(share.length).toBeGreaterThan(5);
  });

  it('are made at each of several endpoints that have their own objects', () => {
    const plan = planOf(
      `{multi_endpoint: {namespace: separate, endpoints: ["file:///a/", "file:///b/"]}, ${TREE}}`,
    );
    const directories = new TreeDirectories(plan, [0]);
    expect(directories.total).toBe(2 * 39);
    expect([0, 1, 2].map((position) => directories.at(position))).toMatchObject([
      { key: 'tree/sai3bench.d1_w1.dir', endpoint: 0 },
      { key: 'tree/sai3bench.d1_w1.dir', endpoint: 1 },
      { key: 'tree/sai3bench.d1_w2.dir', endpoint: 0 },
    ]);
  });

  it('are only there on files', () => {
    for (const [address, expected] of [
      ['file:///mnt/x/', true],
      ['direct:///mnt/x/', true],
      ['s3://b/', false],
      ['null://', false],
    ] as const) {
      expect(hasDirectories(planOf(`{target: "${address}", ${TREE}}`), 0)).toBe(expected);
    }
    const flat = planOf('{target: "file:///mnt/x/", prepare: {ensure_objects: [{count: 5}]}}');
    expect(hasDirectories(flat, 0)).toBe(false);
  });
});

/** What threads share in a prepare stage. */
function treesOf(plan: AgentPlan, state?: 'created' | 'found'): TreeMemory {
  const memory = allocateRunMemory(plan);
  for (const [index, pool] of plan.pools.entries()) {
    const objects = new PoolObjects(pool, memory.poolStates[index] ?? new SharedArrayBuffer(0));
    for (let own = 0; own < objects.ownCount; own++) {
      if (state !== undefined) objects.setState(pool.own.begin + own, state);
    }
  }
  return allocateStageMemory(plan, memory, 'prepare').trees;
}

describe('TreeTasks', () => {
  const plan = planOf(`{target: "file:///mnt/x/", ${TREE}}`);

  it('deal each directory to one thread, and let all wait until the last one is made', () => {
    const memory = treesOf(plan);
    const threads = [new TreeTasks(plan, memory), new TreeTasks(plan, memory)];
    const taken: number[] = [];
    for (let turn = 0; ; turn++) {
      const position = threads[turn % 2]?.take();
      if (position === undefined) break;
      taken.push(position);
    }
    expect(taken).toEqual(Array.from({ length: 39 }, (_, position) => position));
    for (const position of taken) {
      expect(threads.map(({ underWay }) => underWay)).toEqual([true, true]);
      threads[position % 2]?.ended();
    }
    expect(threads.map(({ underWay }) => underWay)).toEqual([false, false]);
    expect(threads.map((thread) => thread.take())).toEqual([undefined, undefined]);
  });

  it('fill a slot with a MKDIR', () => {
    const slot = slotStub();
    new TreeTasks(plan, treesOf(plan)).fill(slot, 0);
    expect(slot.request).toMatchObject({ operation: 'MKDIR', key: 'tree/sai3bench.d1_w1.dir' });
    expect(slot).toMatchObject({ pool: 0, object: 0, fixedEndpoint: undefined });
  });

  it.each(['created', 'found'] as const)('leave trees alone of which all files are %s', (state) => {
    expect(treesOf(plan, state).pools).toEqual([]);
    expect(new TreeTasks(plan, treesOf(plan, state)).underWay).toBe(false);
  });

  it('make trees that have no files', () => {
    const empty = planOf(`{target: "file:///mnt/x/", ${TREE.replace(', files_per_dir: 2', '')}}`);
    expect(treesOf(empty).pools).toEqual([0]);
  });
});
