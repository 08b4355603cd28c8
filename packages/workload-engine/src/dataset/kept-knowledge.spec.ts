import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '@sai3bench/metadata-cache';
import type { StageKind } from '@sai3bench/workload-config';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { makeObjects, type OpenDataset, openDataset } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';

const COUNT = 40;

const suite = datasetSuite();

/** What a run is about. */
interface Subject {
  readonly prefixes: readonly string[];
  readonly count?: number;
  readonly agentId?: string;
}

async function begin(kind: StageKind, subject: Subject): Promise<OpenDataset> {
  const { agentId = 'agent-1', count = COUNT, prefixes } = subject;
  const entries = prefixes.map(
    (prefix) => `{base_uri: ${prefix}/, count: ${String(count)}, size_spec: 10}`,
  );
  const plan = planOf(`
target: file://${suite.data}/
prepare: {ensure_objects: [${entries.join(', ')}]}
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

/** Makes what is missing; returns how many objects that is. */
async function prepare(subject: Subject): Promise<number> {
  const { close, dataset, pools } = await begin('prepare', subject);
  const made = pools.reduce((sum, pool) => sum + makeObjects(suite.data, pool), 0);
  await dataset.stageEnded('prepare', true);
  await close();
  return made;
}

/** Deletes what was made. */
async function cleanUp(subject: Subject): Promise<void> {
  const { close, dataset, pools } = await begin('cleanup', subject);
  for (const { objects, states } of pools) {
    for (let position = 0; position < states.count; position++) {
      if (states.get(position) !== 'created') continue;
      rmSync(join(suite.data, objects.dataset.keyOf(position)));
      states.set(position, 'deleted');
    }
  }
  await dataset.stageEnded('cleanup', true);
  await close();
}

function files(): string[] {
  const entries = readdirSync(suite.data, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function forgetCache(): void {
  rmSync(suite.cache, { recursive: true });
}

/** How many objects a run knows to have been made; those that it had to look for would count as found. */
async function createdIn(subject: Subject): Promise<number> {
  const { close, dataset, pools } = await begin('prepare', subject);
  const created = pools.reduce((sum, { states }) => sum + states.countOf('created'), 0);
  await dataset.stageEnded('prepare', true);
  await close();
  return created;
}

/** When each pool was first made, by identity, as the checkpoint below a prefix says. */
async function firstRuns(prefix: string): Promise<Record<string, string | undefined>> {
  const path = join(suite.data, prefix, '.sai3-cache-agent-1.tar.zst');
  const { pools } = (await readCheckpoint(path)).manifest;
  return Object.fromEntries(pools.map(({ identity, madeSince }) => [identity, madeSince]));
}

describe('a checkpoint', () => {
  it('keeps what it tells of datasets that the next run is not about', async () => {
    await prepare({ prefixes: ['one', 'two'] });
    await prepare({ prefixes: ['one', 'three'] });
    forgetCache();
    expect(await createdIn({ prefixes: ['one', 'two', 'three'] })).toBe(3 * COUNT);
  });

  it('keeps when each dataset was first made, also of those that the next run is not about', async () => {
    await prepare({ prefixes: ['one', 'two'] });
    const before = await firstRuns('one');
    expect(Object.values(before)).toEqual([expect.any(String), expect.any(String)]);
    await prepare({ prefixes: ['one', 'three'] });
    const after = await firstRuns('one');
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toHaveLength(3);
  });

  it('keeps what it tells of objects beyond the end of a dataset that was made smaller', async () => {
    await prepare({ prefixes: ['one'], count: COUNT });
    await prepare({ prefixes: ['one'], count: COUNT / 2 });
    forgetCache();
    expect(await createdIn({ prefixes: ['one'], count: COUNT })).toBe(COUNT);
  });

  it('is gone with the last of the datasets that it tells of, and so is the cache', async () => {
    await prepare({ prefixes: ['one', 'two'] });
    await cleanUp({ prefixes: ['one'] });
    forgetCache();
    expect(await createdIn({ prefixes: ['one', 'two'] })).toBe(COUNT);
    await cleanUp({ prefixes: ['one'] });
    expect(readdirSync(suite.cache)).not.toEqual([]);
    await cleanUp({ prefixes: ['one', 'two'] });
    expect(readdirSync(suite.cache)).toEqual([]);
    expect(files()).toEqual([]);
  });
});

describe('what an agent has left that is no more', () => {
  const former = { prefixes: ['one'], agentId: 'agent-2' };

  it('is taken over from its cache, and removed', async () => {
    await prepare(former);
    expect(await prepare({ prefixes: ['one'] })).toBe(0);
    expect(readdirSync(suite.cache).join(' ')).not.toContain('agent-2');
    expect(existsSync(join(suite.data, 'one', '.sai3-cache-agent-2.tar.zst'))).toBe(false);
    forgetCache();
    expect(await createdIn({ prefixes: ['one'] })).toBe(COUNT);
  });

  it('is taken over from its checkpoint on another host', async () => {
    await prepare(former);
    forgetCache();
    expect(await createdIn({ prefixes: ['one'] })).toBe(COUNT);
    expect(readdirSync(join(suite.data, 'one'))).not.toContain('.sai3-cache-agent-2.tar.zst');
  });

  it('is left where it tells of more', async () => {
    await prepare({ ...former, prefixes: ['one', 'two'] });
    await prepare({ prefixes: ['one'] });
    expect(readdirSync(suite.cache).join(' ')).toContain('agent-2');
    expect(readdirSync(join(suite.data, 'one'))).toContain('.sai3-cache-agent-2.tar.zst');
  });

  it('is gone after a clean-up', async () => {
    await prepare(former);
    await cleanUp({ prefixes: ['one'] });
    expect(readdirSync(suite.cache)).toEqual([]);
    expect(files()).toEqual([]);
  });
});
