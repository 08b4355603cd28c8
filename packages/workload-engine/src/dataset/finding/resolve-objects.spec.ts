import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { datasetSuite } from '../../testing/dataset-suite.ts';
import { makeObjects, openDataset, type OpenDataset } from '../../testing/open-dataset.ts';
import { planOf } from '../../testing/run-plan.ts';

const COUNT = 100;

const suite = datasetSuite();

/** A run that is about to prepare its dataset. */
async function prepare(
  more = '',
  maxBytes = 500,
): Promise<OpenDataset & { existing: number; missing: number }> {
  const run = await openDataset(
    planOf(`
target: file://${suite.data}/
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: ${String(maxBytes)}}}]${more}}
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`),
  );
  return {
    ...run,
    ...(await run.dataset.load(
      'prepare',
      () => false,
      () => undefined,
    )),
  };
}

/** Prepares the dataset, and ends as a run does. */
async function prepared(): Promise<void> {
  const { close, dataset, pools } = await prepare();
  for (const pool of pools) makeObjects(suite.data, pool);
  await dataset.stageEnded('prepare', true);
  await close();
}

function cacheFile(): string {
  const cache = suite.cache;
  return join(cache, readdirSync(cache)[0] ?? '', 'cache.db');
}

function checkpoint(): string {
  return join(
    suite.data,
    readdirSync(suite.data).find((name) => name.startsWith('.sai3-cache-')) ?? '',
  );
}

describe('skip_verification', () => {
  it('takes what nobody has ever known to be there', async () => {
    const { close, existing, pools } = await prepare(', skip_verification: true');
    expect(existing).toBe(COUNT);
    expect(pools[0]?.states.countOf('found')).toBe(COUNT);
    await close();
  });

  it('looks for objects of which some are found not to be there', async () => {
    await prepared();
    for (const name of readdirSync(suite.data))
      if (name.startsWith('prep')) rmSync(join(suite.data, name));
    const { close, existing, notices } = await prepare(', skip_verification: true');
    expect(notices.join('\n')).toContain('The cache does not fit the storage');
    expect(existing).toBe(0);
    await close();
  });

  it('looks for what a checkpoint does not know to exist', async () => {
    const { close, pools } = await prepare();
    for (const pool of pools) makeObjects(suite.data, pool, COUNT / 2);
    await close();
    rmSync(suite.cache, { recursive: true });
    const again = await prepare(', skip_verification: true');
    expect(again.existing).toBe(COUNT / 2);
    await again.close();
  });

  it('looks for objects whose states are damaged', async () => {
    await prepared();
    rmSync(checkpoint());
    const database = new DatabaseSync(cacheFile());
    database.exec('UPDATE segment SET checksum = 0; UPDATE log SET checksum = 0');
    database.close();
    for (const name of readdirSync(suite.data))
      if (name.startsWith('prep')) rmSync(join(suite.data, name));
    const { close, existing, notices } = await prepare(', skip_verification: true');
    expect(notices.join('\n')).toContain('The cache is damaged');
    expect(existing).toBe(0);
    await close();
  });

  it('looks for objects where cache and checkpoint cannot be read', async () => {
    await prepared();
    writeFileSync(cacheFile(), 'no database');
    writeFileSync(checkpoint(), 'no archive');
    const { close, existing, notices, pools } = await prepare(', skip_verification: true');
    expect(notices).toHaveLength(2);
    expect(existing).toBe(COUNT);
    // Their content tells that they are ours, but for those of a few bytes.
    expect(pools[0]?.states.countOf('created')).toBeGreaterThan(COUNT / 2);
    await close();
  });
});

describe('an object that is not as long as it was written', () => {
  it('is made again, and that is said', async () => {
    await prepared();
    const index = String(COUNT - 1).padStart(8, '0');
    truncateSync(join(suite.data, `prepared-${index}.dat`), 3);
    const { close, existing, missing, notices } = await prepare();
    expect({ existing, missing }).toEqual({ existing: COUNT - 1, missing: 1 });
    expect(notices[0]).toContain('has 3 bytes, but was written with');
    expect(notices[1]).toContain('1 objects are there with another size than they were written');
    await close();
  });

  it('stays as it is where nobody knows who has made it', async () => {
    writeFileSync(join(suite.data, 'prepared-00000003.dat'), new Uint8Array(1_000));
    const { close, existing, notices } = await prepare();
    expect(existing).toBe(1);
    expect(notices[0]).toContain('they are left as they are');
    await close();
  });
});

describe('a cache of other objects', () => {
  it('is told of where objects are there that it knows nothing of', async () => {
    await (await prepare('', 600)).close();
    writeFileSync(join(suite.data, 'prepared-00000003.dat'), new Uint8Array(1_000));
    const { close, notices } = await prepare();
    expect(notices[0]).toContain('is one of other objects than these: 1 of 100 were found');
    await close();
  });

  it('is nothing to tell of where the objects are new', async () => {
    await (await prepare('', 600)).close();
    const { close, existing, notices } = await prepare();
    expect({ existing, notices }).toEqual({ existing: 0, notices: [] });
    await close();
  });
});
