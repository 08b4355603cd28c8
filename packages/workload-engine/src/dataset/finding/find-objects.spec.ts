import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allocateObjectStates, ObjectStates } from '@sai3bench/metadata-cache';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { AgentPlan } from '@sai3bench/workload-config';
import { PoolObjects } from '../../stage/pool-objects.ts';
import { openSideStore } from '../../testing/open-side-store.ts';
import { planOf } from '../../testing/run-plan.ts';
import { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { findObjects } from './find-objects.ts';
import type { FindOptions } from './find-options.ts';

let directory: TemporaryDirectory;
const stores: SideStore[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  directory.remove();
});

/** A pool whose objects nobody knows. */
function poolOf(plan: AgentPlan): KeptPool {
  const [pool] = plan.pools;
  if (pool === undefined) throw new RangeError('the plan has no pool');
  const count = pool.own.end - pool.own.begin;
  const memory = allocateObjectStates(count);
  const states = new ObjectStates(memory, count);
  return new KeptPool('x', new PoolObjects(pool, memory), states, true);
}

/** What was asked of the storage. */
interface Asked {
  readonly directories: string[];
  readonly lengths: string[];
}

/** The plan's store, which notes what it is asked for. */
async function storeOf(plan: AgentPlan): Promise<{ store: FindOptions['store']; asked: Asked }> {
  const store = await openSideStore(plan);
  stores.push(store);
  const asked: Asked = { directories: [], lengths: [] };
  return {
    asked,
    store: {
      list: (prefix, onEntry) => store.list(prefix, onEntry),
      stat: (key) => {
        asked.lengths.push(key);
        return store.stat(key);
      },
      readDirectory: (key, onName) => {
        asked.directories.push(key);
        return store.readDirectory(key, onName);
      },
    },
  };
}

interface Looked {
  readonly pool: KeptPool;
  readonly asked: Asked;
  readonly progress: (readonly [number, number])[];
  readonly found: number;
  readonly otherSize: number;
}

/** Looks for the objects of a plan in the directories of its store. */
async function look(plan: AgentPlan, pool = poolOf(plan)): Promise<Looked> {
  const { asked, store } = await storeOf(plan);
  const progress: (readonly [number, number])[] = [];
  const { found, otherSize } = await findObjects({
    ...{ pool, store, by: 'directories', concurrency: 4 },
    onProgress: (done, total) => progress.push([done, total]),
    signal: new AbortController().signal,
  });
  return { pool, asked, progress, found, otherSize };
}

function write(key: string, sizeBytes: number, root = 'data'): void {
  const path = join(directory.path, root, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(sizeBytes));
}

/** Writes objects as their dataset says, by their numbers. */
function writeObjects({ objects }: KeptPool, indexes: Iterable<number>): void {
  for (const index of indexes) {
    write(objects.dataset.keyOf(index), objects.dataset.sizeOf(index));
  }
}

function* numbers(begin: number, end: number): Generator<number> {
  for (let number = begin; number < end; number++) yield number;
}

function planIn(prepare: string, agentCount = 1): AgentPlan {
  return planOf(`{target: "file://${directory.path}/data/", prepare: ${prepare}}`, agentCount);
}

const SIZES = 'size_spec: {type: uniform, min: 1, max: 100}';
const TREE = `{directory_structure: {width: 3, depth: 3, files_per_dir: 5}, ensure_objects: [{${SIZES}}]}`;
const LAYOUTS = [
  ['flat names', `{ensure_objects: [{base_uri: base/, count: 400, ${SIZES}}]}`],
  ['shards', `{key_prefix_shards: 16, ensure_objects: [{count: 400, ${SIZES}}]}`],
  ['trees with files at the bottom', TREE],
  [
    'trees with files everywhere',
    TREE.replace('files_per_dir: 5', 'files_per_dir: 5, distribution: all'),
  ],
] as const;

describe.each(LAYOUTS)('looking for objects on files: %s', (_, prepare) => {
  it('looks into one directory where nothing is there', async () => {
    const { asked, found, pool, progress } = await look(planIn(prepare));
    expect(asked.directories).toHaveLength(1);
    expect(asked.lengths).toEqual([]);
    expect(found).toBe(0);
    expect(pool.states.countOf('planned')).toBe(pool.states.count);
    expect(progress.at(-1)).toEqual([pool.states.count, pool.states.count]);
  });

  it('finds those that are there, and asks for the length of no others', async () => {
    const plan = planIn(prepare);
    const there = poolOf(plan);
    const { dataset } = there.objects;
    const missing = new Set([0, 7, 8, 44, dataset.count - 1]);
    const expected = [...numbers(0, dataset.count)].filter((index) => !missing.has(index));
    writeObjects(there, expected);
    write(`${dirname(dataset.keyOf(3))}/foreign.dat`, 1);
    const { asked, found, otherSize, pool, progress } = await look(plan);
    expect({ found, otherSize }).toEqual({ found: expected.length, otherSize: 0 });
    for (const index of numbers(0, dataset.count)) {
      expect([index, pool.states.get(index)]).toEqual([
        index,
        missing.has(index) ? 'planned' : 'found',
      ]);
    }
    expect(asked.lengths.toSorted()).toEqual(
      expected.map((index) => dataset.keyOf(index)).toSorted(),
    );
    expect(new Set(asked.directories).size).toBe(asked.directories.length);
    expect(progress.map(([done]) => done)).toEqual(
      progress.map(([done]) => done).toSorted((a, b) => a - b),
    );
    expect(progress.at(-1)).toEqual([pool.states.count, pool.states.count]);
  });

  it('finds the objects of one of several agents, and reads no directory without any', async () => {
    const plan = planIn(prepare, 3);
    const pool = poolOf(plan);
    const { own } = pool.objects.plan;
    writeObjects(pool, numbers(0, pool.objects.plan.count));
    const { asked, found } = await look(plan);
    expect(found).toBe(own.end - own.begin);
    const needed = new Set(
      [...numbers(own.begin, own.end)].map((index) => dirname(pool.objects.dataset.keyOf(index))),
    );
    const above = [...needed].flatMap((path) =>
      path.split('/').map((__, at, parts) => parts.slice(0, at).join('/')),
    );
    const allowed = new Set(
      [...needed, ...above].map((path) => (path === '.' || path === '' ? '' : `${path}/`)),
    );
    expect(asked.directories.filter((path) => !allowed.has(path))).toEqual([]);
  });
});

describe('looking for objects on files', () => {
  it('does not go below a directory that is missing', async () => {
    const plan = planIn(TREE);
    const pool = poolOf(plan);
    writeObjects(pool, numbers(0, pool.states.count));
    rmSync(join(directory.path, 'data/sai3bench.d1_w2.dir'), { recursive: true });
    const { asked, found } = await look(plan);
    expect(found).toBe(2 * 9 * 5);
    expect(asked.directories.filter((path) => path.includes('d1_w2'))).toEqual([]);
    // The root, two directories, and what is below them.
    expect(asked.directories).toHaveLength(1 + 2 * (1 + 3 + 9));
  });

  it('notes which have another length', async () => {
    const plan = planIn('{ensure_objects: [{count: 50, size_spec: 10}]}');
    const pool = poolOf(plan);
    writeObjects(pool, numbers(0, 50));
    write(pool.objects.dataset.keyOf(3), 11);
    expect(await look(plan)).toMatchObject({ found: 50, otherSize: 1 });
  });

  it('looks one by one for a few of many, whatever else is there', async () => {
    const plan = planIn('{ensure_objects: [{count: 1000, size_spec: 10}]}');
    const pool = poolOf(plan);
    writeObjects(pool, numbers(0, 1000));
    pool.states.fill(0, 1000, 'created');
    for (const index of [5, 700]) pool.states.set(index, 'unknown');
    const { asked } = await look(plan, pool);
    expect(asked).toEqual({
      directories: [],
      lengths: [5, 700].map((index) => pool.objects.dataset.keyOf(index)),
    });
    expect(pool.states.countOf('created')).toBe(998);
    expect(pool.states.countOf('found')).toBe(2);
  });

  it('finds objects in all of several directories that have their own each', async () => {
    const plan = planOf(`
multi_endpoint:
  namespace: separate
  endpoints: ["file://${directory.path}/one/", "file://${directory.path}/two/"]
prepare: ${TREE}
`);
    const pool = poolOf(plan);
    const { store } = await storeOf(plan);
    for (const index of numbers(0, pool.states.count)) {
      const key = pool.objects.dataset.keyOf(index);
      for (const root of ['one', 'two']) write(key, pool.objects.dataset.sizeOf(index), root);
      // Each is only at one of them.
      rmSync(join(directory.path, 'one', key));
      if ((await store.stat(key)) !== undefined) continue;
      write(key, pool.objects.dataset.sizeOf(index), 'one');
      rmSync(join(directory.path, 'two', key));
    }
    expect(await look(plan)).toMatchObject({ found: pool.states.count, otherSize: 0 });
  });

  it('ends when the run is stopped, and leaves unknown what it has not seen', async () => {
    const plan = planIn(TREE);
    const pool = poolOf(plan);
    writeObjects(pool, numbers(0, pool.states.count));
    const { store } = await storeOf(plan);
    const abort = new AbortController();
    const looking = findObjects({
      ...{ pool, store, by: 'directories', concurrency: 2, signal: abort.signal },
      onProgress: (done) => {
        if (done > 20) abort.abort();
      },
    });
    await expect(looking).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.states.countOf('unknown')).toBeGreaterThan(0);
    expect(pool.states.countOf('planned')).toBe(0);
  });

  it('fails with the error of a directory that cannot be read', async () => {
    const plan = planIn(TREE);
    const pool = poolOf(plan);
    writeObjects(pool, numbers(0, pool.states.count));
    const { asked, store } = await storeOf(plan);
    const looking = findObjects({
      ...{ pool, by: 'directories', concurrency: 2, signal: new AbortController().signal },
      onProgress: () => undefined,
      store: {
        ...store,
        readDirectory: (key, onName) =>
          key.includes('d2_w2')
            ? store.readDirectory('nul\0', onName)
            : store.readDirectory(key, onName),
      },
    });
    await expect(looking).rejects.toMatchObject({ message: expect.stringContaining('LIST') });
    expect(pool.states.countOf('planned')).toBe(0);
    expect(asked.directories).toContain('');
  });
});
