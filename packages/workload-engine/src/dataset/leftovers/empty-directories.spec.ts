import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allocateObjectStates } from '@sai3bench/metadata-cache';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { AgentPlan } from '@sai3bench/workload-config';
import { PoolObjects } from '../../stage/pool-objects.ts';
import { openSideStore } from '../../testing/open-side-store.ts';
import { planOf } from '../../testing/run-plan.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { removeEmptyDirectories } from './empty-directories.ts';

/** Below the place of the set: 3 directories of the first level, 9 of the second. */
const TREE = 'directory_structure: {width: 3, depth: 2, files_per_dir: 1}';

let directory: TemporaryDirectory;
const stores: SideStore[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  directory.remove();
});

const pathOf = (path: string): string => join(directory.path, path);
const inTree = (first: number, second?: number): string =>
  second === undefined
    ? `tree/d1_w${String(first)}.dir`
    : `tree/d1_w${String(first)}.dir/d2_w${String(second)}.dir`;

function makeTree(root: string): void {
  for (let first = 1; first <= 3; first++) {
    for (let second = 1; second <= 3; second++) {
      mkdirSync(pathOf(join(root, inTree(first, second))), { recursive: true });
    }
  }
}

/** Removes the directories of the first of two agents, as it does in its own time. */
function removeThoseOfOther(): void {
  for (const path of [inTree(2, 1), inTree(2, 2)]) {
    rmSync(pathOf(path), { recursive: true, force: true });
  }
}

/** Removes what the agent's share of the directories is. */
async function remove(setup: {
  target: string;
  prepare?: string;
  share?: AgentPlan['share'];
  nowMs?: () => number;
  signal?: AbortSignal;
  progress?: (done: number, total: number) => void;
}): Promise<number> {
  const plan = planOf(`
${setup.target}
prepare:
  ${setup.prepare ?? TREE.replace('}', ", dir_mask: 'd%d_w%d.dir'}")}
  ensure_objects: [{base_uri: tree/, size_spec: 1${setup.prepare === undefined ? '' : ', count: 9'}}]
`);
  const [pool] = plan.pools;
  if (pool === undefined) throw new RangeError('the plan has no pool');
  const store = await openSideStore(plan);
  stores.push(store);
  const memory = allocateObjectStates(pool.own.end - pool.own.begin);
  return removeEmptyDirectories(new PoolObjects(pool, memory), {
    ...{ store, share: setup.share ?? plan.share },
    signal: setup.signal ?? new AbortController().signal,
    onProgress: setup.progress ?? (() => undefined),
    nowMs: setup.nowMs ?? (() => performance.now()),
  });
}

describe('removeEmptyDirectories()', () => {
  const target = (): string => `target: file://${directory.path}/`;

  it('removes a tree, the deepest directories first, and tells how far it is', async () => {
    makeTree('');
    const told: string[] = [];
    const left = await remove({
      target: target(),
      progress: (done, total) => told.push(`${String(done)} of ${String(total)}`),
    });
    expect(left).toBe(0);
    expect(readdirSync(pathOf('tree'))).toEqual([]);
    expect(told).toHaveLength(12);
    expect(told.at(-1)).toBe('12 of 12');
  });

  it('leaves directories with something else in them, and those above, and counts them', async () => {
    makeTree('');
    writeFileSync(pathOf(`${inTree(2, 3)}/theirs`), '');
    expect(await remove({ target: target() })).toBe(2);
    expect(readdirSync(pathOf('tree'))).toEqual(['d1_w2.dir']);
    expect(existsSync(pathOf(`${inTree(2, 3)}/theirs`))).toBe(true);
  });

  it('waits for directories that other agents are about to remove', async () => {
    makeTree('');
    // The first directory of this agent's share of the first level has some in it that are of the other's share.
    let looks = 0;
    const left = await remove({
      target: target(),
      share: { index: 1, count: 2 },
      nowMs: () => ++looks,
      progress: () => {
        if (looks >= 5) removeThoseOfOther();
      },
    });
    expect(left).toBe(0);
    expect(looks).toBeGreaterThanOrEqual(5);
  });

  it('waits however long the levels below have taken', async () => {
    makeTree('');
    let nowMs = 0;
    let waits = 0;
    const left = await remove({
      target: target(),
      share: { index: 1, count: 2 },
      nowMs: () => nowMs,
      progress: (done, total) => {
        nowMs += done < total ? 60_000 : 1;
        if (done === total && ++waits === 3) removeThoseOfOther();
      },
    });
    expect(left).toBe(0);
  });

  it('does not wait for others where something is in the way that none of them removes', async () => {
    makeTree('');
    removeThoseOfOther();
    writeFileSync(pathOf(`${inTree(3)}/theirs`), '');
    let looks = 0;
    const left = await remove({
      target: target(),
      share: { index: 1, count: 2 },
      nowMs: () => ++looks,
    });
    expect(left).toBe(1);
    expect(looks).toBeLessThan(10);
  });

  it('removes directories at every endpoint where each has objects of its own', async () => {
    const endpoints = ['a', 'b'];
    for (const endpoint of endpoints) makeTree(endpoint);
    const uris = endpoints.map((endpoint) => `file://${pathOf(endpoint)}/`);
    const left = await remove({
      target: `multi_endpoint: {namespace: separate, endpoints: [${uris.join(', ')}]}`,
    });
    expect(left).toBe(0);
    expect(endpoints.map((endpoint) => readdirSync(pathOf(`${endpoint}/tree`)))).toEqual([[], []]);
  });

  it('stops when the run does', async () => {
    makeTree('');
    await remove({ target: target(), signal: AbortSignal.abort() });
    expect(readdirSync(pathOf('tree'))).toHaveLength(3);
  });
});
