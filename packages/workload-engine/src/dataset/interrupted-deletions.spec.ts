import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StageKind } from '@sai3bench/workload-config';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { makeObjects, type OpenDataset, openDataset } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';
import type { KeptPool } from './pools/kept-pool.ts';

const COUNT = 200;
const DELETED = [5, 6, 120];
const TOLD = /may have been deleted than was written down: 200 objects are verified/;

const suite = datasetSuite();
/** A copy of the cache as it was while objects were deleted: what is left where the process is killed. */
let left: string;

beforeEach(() => {
  left = join(suite.path, 'left');
});

async function begin(kind: StageKind, agentId = 'agent-1'): Promise<OpenDataset> {
  const plan = planOf(`
target: file://${suite.data}/
concurrency: 4
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}]}
workload: [{op: delete, path: "*", weight: 1}]
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`);
  const run = await openDataset({ ...plan, agentId });
  await run.dataset.load(
    kind,
    () => false,
    () => undefined,
  );
  return run;
}

function onlyPool({ pools }: OpenDataset): KeptPool {
  const [pool] = pools;
  if (pool === undefined) throw new RangeError('the plan has no pool');
  return pool;
}

/** Prepares the objects, and deletes some of them in a second run, which is killed before that is written down. */
async function killedWhileDeleting(): Promise<void> {
  const filled = await begin('prepare');
  makeObjects(suite.data, onlyPool(filled));
  await filled.dataset.stageEnded('prepare', true);
  await filled.close();
  const run = await begin('execute');
  const { objects, states } = onlyPool(run);
  cpSync(suite.cache, left, { recursive: true });
  const checkpoint = join(suite.data, '.sai3-cache-agent-1.tar.zst');
  copyFileSync(checkpoint, join(suite.path, 'checkpoint'));
  for (const position of DELETED) {
    rmSync(join(suite.data, objects.dataset.keyOf(position)));
    states.set(position, 'deleted');
  }
  await run.dataset.stageEnded('execute', true);
  await run.close();
  rmSync(suite.cache, { recursive: true });
  copyFileSync(join(suite.path, 'checkpoint'), checkpoint);
}

describe('a run that was killed while it deleted', () => {
  it('leaves no object that is taken to be there though it is gone', async () => {
    await killedWhileDeleting();
    cpSync(left, suite.cache, { recursive: true });
    const run = await begin('execute');
    expect(run.notices.join('\n')).toMatch(TOLD);
    const { states } = onlyPool(run);
    expect(states.counts()).toMatchObject({
      created: COUNT - DELETED.length,
      planned: DELETED.length,
    });
  });

  it('leaves none on another host either, which has but a checkpoint from before', async () => {
    await killedWhileDeleting();
    const run = await begin('prepare');
    expect(run.notices.join('\n')).toMatch(TOLD);
    const { states } = onlyPool(run);
    expect(states.countOf('created')).toBe(COUNT - DELETED.length);
  });

  it('leaves none for an agent of another name', async () => {
    await killedWhileDeleting();
    cpSync(left, suite.cache, { recursive: true });
    rmSync(join(suite.data, '.sai3-cache-agent-1.tar.zst'));
    const run = await begin('prepare', 'agent-9');
    expect(run.notices.join('\n')).toMatch(TOLD);
    expect(onlyPool(run).states.countOf('created')).toBe(COUNT - DELETED.length);
  });

  it('leaves none after a run that does not look what is there, here or on another host', async () => {
    await killedWhileDeleting();
    cpSync(left, suite.cache, { recursive: true });
    const run = await begin('validation');
    await run.dataset.stageEnded('validation', true);
    await run.close();
    for (const isKept of [true, false]) {
      if (!isKept) rmSync(suite.cache, { recursive: true });
      const next = await begin('validation');
      expect(next.notices.join('\n')).toMatch(TOLD);
      await next.close();
    }
    const { states } = onlyPool(await begin('prepare'));
    expect(states.countOf('created')).toBe(COUNT - DELETED.length);
  });

  it('is forgotten once what is there was looked for', async () => {
    await killedWhileDeleting();
    cpSync(left, suite.cache, { recursive: true });
    const run = await begin('prepare');
    makeObjects(suite.data, onlyPool(run));
    await run.dataset.stageEnded('prepare', true);
    await run.close();
    expect((await begin('execute')).notices).toEqual([]);
  });
});

describe('a run that deletes and comes to its end', () => {
  it('leaves nothing in doubt', async () => {
    const filled = await begin('prepare');
    makeObjects(suite.data, onlyPool(filled));
    await filled.dataset.stageEnded('prepare', true);
    await filled.close();
    const run = await begin('execute');
    await run.dataset.stageEnded('execute', true);
    await run.close();
    const next = await begin('execute');
    expect(next.notices).toEqual([]);
    expect(onlyPool(next).states.countOf('created')).toBe(COUNT);
    await next.dataset.stageEnded('execute', true);
    await next.close();
    rmSync(suite.cache, { recursive: true });
    expect((await begin('prepare')).notices).toEqual([]);
  });
});

describe('what one agent hands to another of a pool that was deleted from', () => {
  it('is in doubt there as well', async () => {
    await killedWhileDeleting();
    cpSync(left, suite.cache, { recursive: true });
    const from = await begin('verify');
    const { identity } = onlyPool(from);
    const { doubtful } = await from.dataset.statesOf(identity, 0, COUNT);
    expect(doubtful).toContain('created');
  });
});
