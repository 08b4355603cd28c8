import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TemporaryDirectory, temporaryDirectory } from '@sai3bench/testing';
import { ObjectStates } from '../states/object-states.ts';
import { SEGMENT_OBJECTS } from '../states/segment.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import type { CachedPool } from './cached-pool.ts';
import { MetadataCache } from './metadata-cache.ts';

const COUNT = 3 * SEGMENT_OBJECTS;
/** Of SQLite. */
const HEADER_BYTES = 100;

function make(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

function open(directory: string): Promise<MetadataCache> {
  return MetadataCache.open({ directory, bootId: 'boot', now: () => new Date(0) });
}

/** What has become of every object: all of them were deleted, so that nothing may be called created. */
async function attachFresh(
  cache: MetadataCache,
): Promise<{ states: ObjectStates; pool: CachedPool }> {
  const states = make(COUNT);
  const pool = await cache.attach({ identity: 'pool', begin: 0, generation: 2, states });
  return { states, pool };
}

/** A cache whose objects are all `deleted` or `failed`, mixed; returns its file. */
async function fill(directory: TemporaryDirectory): Promise<string> {
  const cache = await open(directory.path);
  const states = make(COUNT);
  await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
  states.fill(0, COUNT, 'deleted');
  for (let index = 0; index < COUNT; index += 3) states.set(index, 'failed');
  await cache.flush();
  for (let index = 0; index < COUNT; index += 1_000) states.set(index, 'deleted');
  await cache.close();
  return join(directory.path, 'cache.db');
}

function changeByte(path: string, position: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([(readFileSync(path)[position] ?? 0) ^ 0x5a]), 0, 1, position);
  closeSync(file);
}

/** Runs SQL on a closed cache's file. */
function alter(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('a cache', () => {
  it('that was truncated is set aside, and nothing is known', async () => {
    for (const share of [0, 0.01, 0.3, 0.7]) {
      using directory = temporaryDirectory();
      const path = await fill(directory);
      truncateSync(path, Math.floor(statSync(path).size * share));
      const cache = await open(directory.path);
      expect(cache.opening.setAside?.cause.class).toBe('integrity');
      const { states } = await attachFresh(cache);
      expect(states.countOf('unknown')).toBe(COUNT);
      states.fill(0, COUNT, 'created');
      await cache.close();
      const again = await open(directory.path);
      expect(again.opening.setAside).toBeUndefined();
      expect((await attachFresh(again)).states.countOf('created')).toBe(COUNT);
      await again.close();
    }
  });

  it('in which any byte has changed, or that ends anywhere, never says created of what is not', async () => {
    using directory = temporaryDirectory();
    const path = await fill(directory);
    const intact = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(intact.length - 1), fc.boolean(), async (position, isCut) => {
        writeFileSync(path, intact);
        if (isCut) truncateSync(path, position);
        else changeByte(path, position);
        const cache = await open(directory.path);
        const { states, pool } = await attachFresh(cache);
        const counts = states.counts();
        expect(counts.deleted + counts.failed + counts.unknown).toBe(COUNT);
        // Whatever is missing was told.
        const isTold = cache.opening.setAside !== undefined || pool.report.damaged.length > 0;
        if (counts.unknown > 0) expect(isTold).toBe(true);
        await cache.close();
      }),
      { numRuns: 60 },
    );
  });

  it('in whose header any byte has changed can be opened, or is set aside', async () => {
    using directory = temporaryDirectory();
    const path = await fill(directory);
    const intact = readFileSync(path);
    for (let position = 0; position < HEADER_BYTES; position++) {
      writeFileSync(path, intact);
      changeByte(path, position);
      const cache = await open(directory.path);
      const { states } = await attachFresh(cache);
      expect([position, states.countOf('created')]).toEqual([position, 0]);
      await cache.close();
    }
  });

  it('with a damaged segment keeps the others, and says which is unknown', async () => {
    using directory = temporaryDirectory();
    const path = await fill(directory);
    alter(
      path,
      'DELETE FROM log; UPDATE segment SET packed = zeroblob(24576) WHERE id % 65536 = 1',
    );
    const cache = await open(directory.path);
    const { states, pool } = await attachFresh(cache);
    expect(pool.report.damaged).toEqual([{ begin: SEGMENT_OBJECTS, end: 2 * SEGMENT_OBJECTS }]);
    expect(states.countOf('unknown')).toBe(SEGMENT_OBJECTS);
    expect(states.countOf('unknown', SEGMENT_OBJECTS, 2 * SEGMENT_OBJECTS)).toBe(SEGMENT_OBJECTS);
    await cache.close();
    const repaired = await open(directory.path);
    expect((await attachFresh(repaired)).pool.report.damaged).toEqual([]);
    await repaired.close();
  });

  it('with a damaged log knows nothing of the pool, for the log may have been about any object', async () => {
    using directory = temporaryDirectory();
    const path = await fill(directory);
    alter(path, 'UPDATE log SET sequence = sequence - 1');
    const cache = await open(directory.path);
    const { states, pool } = await attachFresh(cache);
    expect(pool.report.damaged).toEqual([{ begin: 0, end: COUNT }]);
    expect(states.countOf('unknown')).toBe(COUNT);
    await cache.close();
  });

  it.each([
    ['of a later version', 'PRAGMA user_version = 99', 'version 99'],
    ['of another program', 'PRAGMA application_id = 7', 'not written by sai3bench'],
    [
      'with a changed column',
      'ALTER TABLE segment RENAME COLUMN unsynced TO unsyncef',
      'its tables are others',
    ],
    [
      'with changed ranges',
      "UPDATE piece SET json = replace(json, '196608', '196607')",
      'checksum',
    ],
  ])('%s is set aside, not deleted', async (_, sql, reason) => {
    using directory = temporaryDirectory();
    const path = await fill(directory);
    alter(path, sql);
    const cache = await open(directory.path);
    expect(cache.opening.setAside?.cause.message).toContain(reason);
    expect(existsSync(cache.opening.setAside?.path ?? '')).toBe(true);
    expect(cache.identities()).toEqual([]);
    await cache.close();
  });

  it('that is no database at all is set aside', async () => {
    using directory = temporaryDirectory();
    writeFileSync(join(directory.path, 'cache.db'), 'somebody else wrote this\n'.repeat(1_000));
    const cache = await open(directory.path);
    expect(cache.opening.setAside?.cause.class).toBe('integrity');
    await cache.close();
  });

  it('of another dataset knows nothing of this one, and says whom it knows', async () => {
    using directory = temporaryDirectory();
    await fill(directory);
    const cache = await open(directory.path);
    expect(cache.known('another')).toEqual([]);
    expect(cache.identities()).toEqual(['pool']);
    await cache.close();
  });

  it('whose write-ahead log was cut off is as it was at an earlier flush', async () => {
    using directory = temporaryDirectory();
    const path = await fill(directory);
    appendFileSync(`${path}-wal`, Buffer.alloc(50_000, 7));
    const cache = await open(directory.path);
    expect((await attachFresh(cache)).states.countOf('unknown')).toBe(0);
    await cache.close();
  });

  it('is refused while another has it open, and says who', async () => {
    using directory = temporaryDirectory();
    const cache = await open(directory.path);
    const refusal = open(directory.path);
    await expect(refusal).rejects.toMatchObject({
      code: 'CACHE_IN_USE',
      message: expect.stringMatching(
        new RegExp(`process ${String(process.pid)} on .+ since 1970-01-01T00:00:00.000Z`),
      ) as unknown,
    });
    await cache.close();
    await (await open(directory.path)).close();
  });

  it('is refused on a network file system, with a hint', async () => {
    using directory = temporaryDirectory();
    const refusal = MetadataCache.open({
      directory: directory.path,
      bootId: 'boot',
      now: () => new Date(0),
      fileSystemKind: () => ({ magic: 0x6969, mountType: 'nfs4' }),
    });
    await expect(refusal).rejects.toMatchObject({
      code: 'CACHE_ON_NETWORK',
      hint: expect.stringContaining('kv_cache_dir') as unknown,
    });
  });

  it('is refused where no directory can be made', async () => {
    using directory = temporaryDirectory();
    writeFileSync(join(directory.path, 'file'), '');
    const refusal = open(join(directory.path, 'file', 'cache'));
    await expect(refusal).rejects.toMatchObject({
      code: 'CACHE_NOT_WRITABLE',
      class: 'permission',
    });
  });

  it('can be attached only once for each pool', async () => {
    using directory = temporaryDirectory();
    const cache = await open(directory.path);
    await attachFresh(cache);
    await expect(attachFresh(cache)).rejects.toMatchObject({ code: 'CACHE_ATTACHED' });
    await cache.close();
  });
});
