import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent, type StageKind } from '@sai3bench/workload-config';
import { datasetSuite } from '../../testing/dataset-suite.ts';
import { makeObjects, type OpenDataset, openDataset } from '../../testing/open-dataset.ts';
import { planOf } from '../../testing/run-plan.ts';

const suite = datasetSuite();

/** Which agent of how many it is: on files, each of several has a folder of its own. */
interface Part {
  readonly agentId?: string;
  readonly agents?: number;
  readonly base?: string;
}

async function begin(
  kind: 'prepare' | 'cleanup',
  { agentId = 'agent-1', agents = 1, base = 'a' }: Part,
): Promise<OpenDataset> {
  const yaml = `
target: file://${suite.data}/
prepare: {ensure_objects: [{base_uri: ${base}/, count: 12, size_spec: 100}]}
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: it, type: ${kind}}]}
`;
  const { dataSeed, runId } = planOf(yaml);
  const plan = planAgent(parseWorkload(yaml, 'w.yaml'), {
    ...{ agentId, agentIndex: 0, agentCount: agents, entry: undefined, runId, dataSeed },
  });
  const run = await openDataset(plan);
  await run.dataset.load(
    kind satisfies StageKind,
    () => false,
    () => undefined,
  );
  return run;
}

async function prepare(part: Part): Promise<void> {
  const { close, dataset, pools } = await begin('prepare', part);
  for (const pool of pools) makeObjects(suite.data, pool);
  await dataset.stageEnded('prepare', true);
  await close();
}

/** Deletes what it finds; returns what it says of others. */
async function cleanUp(part: Part): Promise<string | undefined> {
  const { close, dataset, pools } = await begin('cleanup', part);
  for (const { objects, states } of pools) {
    for (let position = 0; position < states.count; position++) {
      if (states.get(position) !== 'created') continue;
      rmSync(join(suite.data, objects.dataset.keyOf(position)));
      states.set(position, 'deleted');
    }
  }
  await dataset.stageEnded('cleanup', true);
  await close();
  return dataset.elsewhere?.message;
}

describe('objects that a cleanup does not reach', () => {
  it.each<[string, Part, Part, string]>([
    ['several agents, each in its folder', { agents: 2 }, {}, 'agent-1/a/'],
    ['one agent, which has no folder', {}, { agents: 2 }, 'a/'],
    ['an agent of another name', { agents: 2, agentId: 'other' }, { agents: 2 }, 'other/a/'],
  ])('are told with their place when they were made by %s', async (_, before, now, folder) => {
    await prepare(before);
    expect(await cleanUp(now)).toContain(`12 at file://${suite.data}/${folder}prepared-*`);
    expect(await cleanUp(before)).toBeUndefined();
    expect(await cleanUp(now)).toBeUndefined();
  });

  it('are not those of another set, nor those that are deleted or were never made', async () => {
    expect(await cleanUp({})).toBeUndefined();
    await prepare({ base: 'agent-1/b' });
    await prepare({ agents: 2, base: 'c' });
    expect(await cleanUp({})).toBeUndefined();
    expect(await cleanUp({ agents: 2 })).toBeUndefined();
  });

  it('are no matter of a run that makes its objects itself', async () => {
    await prepare({ agents: 2 });
    const { close, dataset } = await begin('prepare', {});
    await close();
    expect(dataset.elsewhere).toBeUndefined();
  });
});
