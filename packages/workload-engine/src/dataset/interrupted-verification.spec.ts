import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MetadataCache } from '@sai3bench/metadata-cache';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import type { AgentPlan, StageKind } from '@sai3bench/workload-config';
import { allocateRunMemory } from '../memory/run-memory.ts';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { makeObjects, type OpenDataset, openDataset } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';
import { cacheName } from './pools/cache-directory.ts';
import { type KeptPool, keptPools } from './pools/kept-pool.ts';
import { placeTag } from './pools/pool-identity.ts';

const COUNT = 40;

const suite = datasetSuite();

function planAt(target: string): AgentPlan {
  return planOf(`
target: ${target}
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}]}
workload: [{op: get, path: "*", weight: 1}]
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`);
}

/** Makes the files of a pool, all but one acknowledged, before the host is restarted. */
async function madeBeforeRestart(plan: AgentPlan): Promise<void> {
  const ownCache = await MetadataCache.open({
    directory: join(suite.cache, cacheName(plan.agentId, placeTag(plan))),
    ...{ bootId: 'before', now: () => new Date() },
  });
  const [pool] = keptPools(plan, allocateRunMemory(plan));
  if (pool === undefined) throw new RangeError('the plan has no pool');
  const { identity, states } = pool;
  await ownCache.attach({ identity, begin: 0, generation: 1, states });
  makeObjects(suite.data, pool);
  states.set(3, 'creating');
  await ownCache.close();
}

async function begin(plan: AgentPlan, kind: StageKind, isStopped = false): Promise<OpenDataset> {
  const run = await openDataset(plan);
  if (isStopped) run.stop();
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

describe('what is in doubt after a restart of the host', () => {
  it.each(['ends', 'is killed'])(
    'is so as before where a run %s that does not verify it',
    async (end) => {
      const plan = planAt(`file://${suite.data}/`);
      await madeBeforeRestart(plan);
      const run = await begin(plan, 'verify');
      await run.dataset.stageEnded('verify', true);
      const left = join(suite.path, 'left');
      cpSync(suite.cache, left, { recursive: true });
      await run.close();
      if (end === 'is killed') {
        rmSync(suite.cache, { recursive: true });
        cpSync(left, suite.cache, { recursive: true });
      }
      const next = await begin(plan, 'prepare');
      expect(next.notices.join('\n')).toContain(`restarted since ${String(COUNT - 1)} files`);
      expect(onlyPool(next).states.counts()).toMatchObject({ created: COUNT - 1, creating: 1 });
    },
  );
});

describe('the checkpoint of an agent that is no more', () => {
  it('stays while what it tells is in doubt, and is kept nowhere else', async () => {
    const plan = planAt(`file://${suite.data}/`);
    const filled = await begin(plan, 'prepare');
    makeObjects(suite.data, onlyPool(filled), COUNT / 2);
    await filled.close();
    const left = join(suite.data, '.sai3-cache-agent-2.tar.zst');
    renameSync(join(suite.data, '.sai3-cache-agent-1.tar.zst'), left);
    rmSync(suite.cache, { recursive: true });
    const doubting = await begin(plan, 'verify');
    expect(doubting.notices.join('\n')).toContain('objects are verified');
    await doubting.close();
    expect(existsSync(left)).toBe(true);
    const certain = await begin(plan, 'prepare');
    await certain.close();
    expect(existsSync(left)).toBe(false);
  });
});

describe('a verification of everything', () => {
  it('takes nothing from what is known when it is interrupted', async () => {
    const plan = planAt(`file://${suite.data}/`);
    const filled = await begin(plan, 'prepare');
    makeObjects(suite.data, onlyPool(filled));
    await filled.dataset.stageEnded('prepare', true);
    await filled.close();
    const [lost = ''] = readdirSync(suite.data).filter((name) => name.startsWith('prepared-'));
    rmSync(join(suite.data, lost));
    const stopped = await openDataset(plan);
    stopped.stop();
    await expect(
      stopped.dataset.load(
        'prepare',
        () => false,
        () => undefined,
      ),
    ).rejects.toThrow();
    expect(stopped.notices.join('\n')).toContain('40 objects are verified');
    await stopped.close();
    const { states } = onlyPool(await begin(plan, 'prepare'));
    expect(states.counts()).toMatchObject({ created: COUNT - 1, planned: 1 });
  });

  it('takes nothing from what is known when objects cannot be listed, and is made up for by the next run', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
    try {
      Object.assign(process.env, server.env);
      const plan = planAt(`s3://${server.host}/bucket/`);
      const filled = await begin(plan, 'prepare');
      const { objects, states } = onlyPool(filled);
      const keys = Array.from({ length: COUNT }, (_, index) => objects.dataset.keyOf(index));
      for (const key of keys.slice(1)) {
        await fetch(`${server.url}/bucket/${key}`, { method: 'PUT', body: '0123456789' });
      }
      states.fill(0, COUNT, 'created');
      await filled.dataset.stageEnded('prepare', true);
      await filled.close();
      const denied = server.faults.add({
        match: { operation: 'ListObjectsV2' },
        fault: { kind: 'error', status: 403, code: 'AccessDenied' },
      });
      const run = await begin(plan, 'execute');
      expect(run.notices.join('\n')).toMatch(/could not be looked whether/);
      expect(onlyPool(run).states.countOf('created')).toBe(COUNT);
      await run.dataset.stageEnded('execute', true);
      await run.close();
      denied.remove();
      rmSync(suite.cache, { recursive: true });
      const next = await begin(plan, 'prepare');
      expect(next.notices.join('\n')).toContain('40 objects are verified');
      expect(onlyPool(next).states.countOf('created')).toBe(COUNT - 1);
    } finally {
      for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
      await server.stop();
    }
  });
});
