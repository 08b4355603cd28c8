import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allocateObjectStates, MetadataCache, ObjectStates } from '@sai3bench/metadata-cache';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { poolIdentity } from '../dataset/pool-identity.ts';
import { PoolObjects } from '../stage/pool-objects.ts';
import { planOf, TestHost } from '../testing/run-plan.ts';

const COUNT = 40_000;
const KILLS = 20;
/** Of each life, how much of the prepare stage is let pass. */
const LONGEST_LIFE_MS = 1_200;

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'data'));
});
afterEach(() => {
  directory.remove();
});

const plan = () =>
  planOf(`
target: file://${directory.path}/data/
concurrency: 4
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 2000}}]}
distributed: {kv_cache_dir: ${directory.path}/cache, stages: [{name: fill, order: 1, type: prepare}]}
`);

/** Objects that the cache says to be created, and those of them that are not what they were written as. */
async function look(): Promise<{ created: number; false: number }> {
  const agentPlan = plan();
  const [pool] = agentPlan.pools;
  const [name] = existsSync(`${directory.path}/cache`)
    ? readdirSync(`${directory.path}/cache`)
    : [];
  if (pool === undefined || name === undefined) return { created: 0, false: 0 };
  const memory = allocateObjectStates(COUNT);
  const states = new ObjectStates(memory, COUNT);
  const cache = await MetadataCache.open({
    directory: join(directory.path, 'cache', name),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    now: () => new Date(),
  });
  const { dataset } = new PoolObjects(agentPlan, pool, memory);
  await cache.attach({ identity: poolIdentity(agentPlan, pool), begin: 0, generation: 1, states });
  await cache.close();
  const found = { created: states.countOf('created'), false: 0 };
  for (
    let index = states.nextIn('created', 0);
    index < COUNT;
    index = states.nextIn('created', index + 1)
  ) {
    const file = statSync(join(directory.path, 'data', dataset.keyOf(index)), {
      throwIfNoEntry: false,
    });
    if (file?.size !== dataset.sizeOf(index)) found.false++;
  }
  return found;
}

describe('a prepare stage whose process is killed at random moments', () => {
  it('never takes an object for created that is not there, and is gone on with to its end', async () => {
    let made = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const host = new TestHost(plan());
      await host.open();
      const running = host.runStages().catch(() => undefined);
      await pause(Math.random() * LONGEST_LIFE_MS);
      await host.kill();
      void running;
      const now = await look();
      expect(now.false).toBe(0);
      expect(now.created).toBeGreaterThanOrEqual(made);
      made = now.created;
    }
    const host = new TestHost(plan());
    await host.open();
    await host.runStages();
    await host.close();
    expect(await look()).toEqual({ created: COUNT, false: 0 });
  }, 180_000);
});
