import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { makeObjects, openDataset } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';

const COUNT = 20;

const suite = datasetSuite();

/** Begins a prepare of datasets, makes some of their objects, and ends it as a run does, or as one that was interrupted. */
async function prepare(
  names: readonly string[],
  { ends, startsOver = [] }: { ends: boolean; startsOver?: readonly string[] },
): Promise<{ unfinished: boolean[]; existing: number }> {
  const entries = names.map(
    (name) => `{base_uri: ${name}/, count: ${String(COUNT)}, size_spec: 9}`,
  );
  const run = await openDataset(
    planOf(`
target: file://${suite.data}/
prepare: {ensure_objects: [${entries.join(', ')}]}
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`),
  );
  const prefixes = new Map(
    run.pools.map(({ identity, objects }) => [identity, objects.plan.prefix]),
  );
  const unfinished = run.dataset.knowledge().map((pool) => pool.unfinished);
  const { existing } = await run.dataset.load(
    'prepare',
    (identity) => startsOver.some((name) => prefixes.get(identity) === `${name}/`),
    () => undefined,
  );
  for (const pool of run.pools) makeObjects(suite.data, pool, ends ? Infinity : COUNT / 2);
  await run.dataset.stageEnded('prepare', ends);
  await run.close();
  return { unfinished, existing };
}

describe('a prepare that was interrupted', () => {
  it('is known for its own dataset only, until that is made', async () => {
    await prepare(['one'], { ends: false });
    expect(await prepare(['two'], { ends: true })).toMatchObject({ unfinished: [false] });
    expect(await prepare(['two', 'one'], { ends: true })).toMatchObject({
      unfinished: [false, true],
    });
    expect(await prepare(['two', 'one'], { ends: true })).toMatchObject({
      unfinished: [false, false],
    });
  });

  it('is known on another host', async () => {
    await prepare(['one'], { ends: false });
    rmSync(suite.cache, { recursive: true });
    expect(await prepare(['one'], { ends: true })).toMatchObject({ unfinished: [true] });
    rmSync(suite.cache, { recursive: true });
    expect(await prepare(['one'], { ends: true })).toMatchObject({ unfinished: [false] });
  });

  it('has ended where the cache knows more than an old checkpoint', async () => {
    await prepare(['one'], { ends: false });
    const checkpoint = join(suite.data, 'one', '.sai3-cache-agent-1.tar.zst');
    const old = join(suite.path, 'old');
    copyFileSync(checkpoint, old);
    await prepare(['one'], { ends: true });
    copyFileSync(old, checkpoint);
    expect(await prepare(['one'], { ends: true })).toMatchObject({ unfinished: [false] });
  });

  it('is gone on with for one dataset while another is made anew', async () => {
    await prepare(['one', 'two'], { ends: true });
    expect(await prepare(['one', 'two'], { ends: true, startsOver: ['two'] })).toMatchObject({
      existing: COUNT,
    });
  });
});
