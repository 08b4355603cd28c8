import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type AttachReport, MetadataCache } from '@sai3bench/metadata-cache';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import type { AgentPlan } from '@sai3bench/workload-config';
import { allocateRunMemory } from '../memory/run-memory.ts';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { makeObjects, openDataset, writtenContent } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';
import { cacheName } from './pools/cache-directory.ts';
import { type KeptPool, keptPools } from './pools/kept-pool.ts';
import { placeTag } from './pools/pool-identity.ts';

const COUNT = 20;

const suite = datasetSuite();

function planAt(target: string): AgentPlan {
  return planOf(`
target: ${target}
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}]}
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`);
}

/** Opens the agent's cache in another life of its host, and closes it again. */
async function inAnotherBoot(
  plan: AgentPlan,
  bootId: string,
  change: (pool: KeptPool) => void,
): Promise<AttachReport | undefined> {
  const cache = await MetadataCache.open({
    directory: join(suite.path, 'cache', cacheName(plan.agentId, placeTag(plan))),
    ...{ bootId, now: () => new Date() },
  });
  const [pool] = keptPools(plan, allocateRunMemory(plan));
  if (pool === undefined) throw new RangeError('the plan has no pool');
  const { identity, states } = pool;
  const cached = await cache.attach({ identity, begin: 0, generation: 1, states });
  change(pool);
  await cache.close();
  return cached.report;
}

describe('a dataset whose host was restarted', () => {
  it('is looked for on files that were perhaps not written back', async () => {
    const data = suite.data;
    const plan = planAt(`file://${data}/`);
    await inAnotherBoot(plan, 'before', (pool) => makeObjects(data, pool));
    const { close, dataset, notices, pools } = await openDataset(plan);
    const found = await dataset.load(
      'prepare',
      () => false,
      () => undefined,
    );
    expect(notices.join('\n')).toContain(`restarted since ${String(COUNT)} files were written`);
    expect(found).toEqual({ existing: COUNT, missing: 0 });
    expect(pools[0]?.states.countOf('created')).toBe(COUNT);
    await close();
    expect(readdirSync(data)).toContain('prepared-00000000.dat');
  });

  it('is as well known as before where the storage is none of the host', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
    try {
      Object.assign(process.env, server.env);
      const plan = planAt(`s3://${server.host}/bucket/`);
      const contents = new Map<string, Buffer>();
      await inAnotherBoot(plan, 'before', ({ objects, states }) => {
        states.fill(0, COUNT, 'created');
        for (let index = 0; index < COUNT; index++) {
          contents.set(objects.dataset.keyOf(index), writtenContent(objects, index));
        }
      });
      for (const [key, content] of contents) {
        await fetch(`${server.url}/bucket/${key}`, {
          method: 'PUT',
          body: new Uint8Array(content),
        });
      }
      const { close, dataset, notices } = await openDataset(plan);
      const listings = server.stats().requests.byOperation.ListObjectsV2;
      const found = await dataset.load(
        'prepare',
        () => false,
        () => undefined,
      );
      expect(found).toEqual({ existing: COUNT, missing: 0 });
      expect(server.stats().requests.byOperation.ListObjectsV2).toBe(listings);
      await close();
      expect(notices).toEqual([]);
      const report = await inAnotherBoot(plan, 'after', () => undefined);
      expect(report?.suspect).toEqual([]);
    } finally {
      for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
      await server.stop();
    }
  });
});
