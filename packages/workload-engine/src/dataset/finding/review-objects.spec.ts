import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StageKind } from '@sai3bench/workload-config';
import { datasetSuite } from '../../testing/dataset-suite.ts';
import { makeObjects, type OpenDataset, openDataset } from '../../testing/open-dataset.ts';
import { planOf } from '../../testing/run-plan.ts';

const COUNT = 50;

const suite = datasetSuite();

/** A run that is about to begin its first stage. */
async function begin(kind: StageKind): Promise<OpenDataset> {
  const run = await openDataset(
    planOf(`
target: file://${suite.data}/
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}]}
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`),
  );
  await run.dataset.load(
    kind,
    () => false,
    () => undefined,
  );
  return run;
}

/** Has a run make some of the dataset. */
async function made(count: number): Promise<void> {
  const { close, dataset, pools } = await begin('prepare');
  for (const pool of pools) makeObjects(suite.data, pool, count);
  await dataset.stageEnded('prepare', count === COUNT);
  await close();
}

function objects(): string[] {
  return readdirSync(suite.data).filter((name) => name.startsWith('prepared-'));
}

describe('a run without a prepare stage', () => {
  it('believes what is known where it fits the storage', async () => {
    await made(COUNT);
    const { notices, pools } = await begin('execute');
    expect(notices).toEqual([]);
    expect(pools[0]?.condition).toMatchObject({ isOurs: true, isWhole: true });
  });

  it('says that the storage was emptied, and looks what is left', async () => {
    await made(COUNT);
    for (const name of objects().slice(1)) rmSync(join(suite.data, name));
    const { notices, pools } = await begin('execute');
    expect(notices).toEqual([
      expect.stringMatching(
        /The cache does not fit the storage \(.* is not there\): 50 objects are/,
      ),
    ]);
    expect(pools[0]?.states.counts()).toMatchObject({ created: 1, planned: COUNT - 1 });
    expect(pools[0]?.condition.isWhole).toBe(false);
  });

  it('looks what was made since an old checkpoint, by a host that is gone', async () => {
    await made(COUNT / 2);
    rmSync(suite.cache, { recursive: true });
    for (let index = COUNT / 2; index < COUNT - 1; index++) {
      writeFileSync(
        join(suite.data, `prepared-${String(index).padStart(8, '0')}.dat`),
        '0123456789',
      );
    }
    const { pools } = await begin('execute');
    expect(pools[0]?.states.counts()).toMatchObject({
      ...{ created: COUNT / 2, found: COUNT / 2 - 1, planned: 1 },
    });
  });

  it('takes to be there what nobody knows anything of', async () => {
    const { pools } = await begin('execute');
    expect(pools[0]?.states.countOf('unknown')).toBe(COUNT);
    expect(pools[0]?.condition).toMatchObject({ isOurs: false, isWhole: true });
  });

  it('deletes what may be there where the storage was emptied', async () => {
    await made(COUNT);
    for (const name of objects().slice(1)) rmSync(join(suite.data, name));
    const { notices, pools } = await begin('cleanup');
    expect(notices).toEqual([expect.stringContaining('50 objects are deleted if they are there')]);
    expect(pools[0]?.states.countOf('creating')).toBe(COUNT);
  });

  it('deletes only what has its content where somebody else has written in the place of it', async () => {
    await made(COUNT);
    for (const name of objects().slice(3)) writeFileSync(join(suite.data, name), '0123456789');
    const { notices, pools } = await begin('cleanup');
    expect(notices).toEqual([
      expect.stringMatching(
        /\(.* has not the content .*\): of 50 objects only those with the content of this workload are deleted/,
      ),
      expect.stringContaining('47 objects of unknown origin left'),
    ]);
    expect(pools[0]?.states.counts()).toMatchObject({ created: 3, found: COUNT - 3 });
  });

  it.each([
    ['longer', '0123456789 and more'],
    ['shorter', '012345678'],
  ])('leaves objects of others that are %s than its own', async (_, text) => {
    await made(COUNT);
    for (const name of objects().slice(3)) writeFileSync(join(suite.data, name), text);
    const { pools } = await begin('cleanup');
    expect(pools[0]?.states.counts()).toMatchObject({ created: 3, found: COUNT - 3 });
  });
});

describe('a prepare in a place where somebody else has written', () => {
  it('keeps objects of others for theirs, and makes those of its own again that are cut short', async () => {
    await made(COUNT);
    for (const name of objects().slice(3)) writeFileSync(join(suite.data, name), '0123456789');
    const [first] = objects();
    truncateSync(join(suite.data, first ?? ''), 9);
    const { notices, pools } = await begin('prepare');
    expect(pools[0]?.states.counts()).toMatchObject({ created: 2, found: COUNT - 3, planned: 1 });
    expect(notices.slice(1)).toEqual([
      expect.stringContaining('1 objects are there with another size than they were written with'),
      expect.stringContaining('47 objects are there that are not known to be of this workload'),
    ]);
  });

  it('makes its own again that are cut short where nobody else has written', async () => {
    await made(COUNT);
    for (const name of objects()) truncateSync(join(suite.data, name), 9);
    const { pools } = await begin('prepare');
    expect(pools[0]?.states.counts()).toMatchObject({ created: 0, planned: COUNT });
  });
});
