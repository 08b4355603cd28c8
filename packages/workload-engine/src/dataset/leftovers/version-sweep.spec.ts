import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectClient, type ObjectStore, openStore } from '@sai3bench/object-store';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { type SweepCounts, type SweepOptions, sweepVersions } from './version-sweep.ts';

/** When others used the bucket, and when the dataset began. */
const BEFORE_MS = Date.parse('2026-01-01T12:00:00Z');
const MADE_SINCE_MS = BEFORE_MS + 3_600_000;
const QUARTER_OF_AN_HOUR_MS = 15 * 60_000;

let server: S3TestServer;
let store: ObjectStore;
let client: ObjectClient;
/** Keys of which something was said to be left. */
let failed: string[] = [];
/** The server's clock. */
let nowMs = 0;
/** Pages that were listed. */
let pages = 0;

beforeEach(async () => {
  failed = [];
  pages = 0;
  nowMs = BEFORE_MS;
  server = await startS3TestServer({
    buckets: [{ name: 'bucket', versioning: 'Enabled' }],
    ...{ now: () => nowMs, maxSkewMs: Infinity },
  });
  store = await openStore(`s3://${server.host}/bucket/`, {
    ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 4, fileMode: 'async' },
    env: server.env,
  });
  client = new ObjectClient(store);
});
afterEach(async () => {
  store.close();
  await server.stop();
});

async function put(...keys: string[]): Promise<void> {
  for (const key of keys) await client.put(key, Buffer.of(1));
}

/** Sweeps below a prefix what is said to be deleted. */
async function sweep(
  isDeleted: (key: string) => boolean,
  options: Partial<Pick<SweepOptions, 'madeSinceMs' | 'signal'>> = {},
): Promise<SweepCounts> {
  const counts = { versions: 0, markers: 0, rewritten: 0, refused: 0, older: 0, unclear: 0 };
  const { versions } = store;
  if (versions === undefined) throw new TypeError('the store knows no versions');
  const onFailure = (key: string): void => {
    failed.push(key);
  };
  const onPage = (): void => {
    pages++;
  };
  await sweepVersions('', {
    ...{ versions, counts, isDeleted, onFailure, onPage },
    ...{ madeSinceMs: BEFORE_MS, signal: new AbortController().signal },
    ...options,
  });
  return counts;
}

async function left(): Promise<string[]> {
  const keys: string[] = [];
  await store.versions?.list('', async (page) => {
    await Promise.resolve();
    keys.push(...page.map(({ key }) => key));
  });
  return keys;
}

describe('sweepVersions()', () => {
  it('removes all that there is of what was deleted, however much that is', async () => {
    const many = Array.from({ length: 1_100 }, () => 'b');
    await put('a', 'a', ...many, 'c');
    for (const key of ['a', 'b', 'b', 'c']) await client.delete(key);
    expect(await sweep((key) => key !== 'c')).toEqual({
      versions: 1_102,
      markers: 3,
      ...{ rewritten: 0, refused: 0, older: 0, unclear: 0 },
    });
    expect(await left()).toEqual(['c', 'c']);
    expect(failed).toEqual([]);
    expect(pages).toBe(2);
  });

  it('leaves what was written after its deletion', async () => {
    await put('a', 'b');
    await client.delete('a');
    await client.delete('b');
    await put('a');
    expect(await sweep(() => true)).toMatchObject({ versions: 1, markers: 1, rewritten: 1 });
    expect(await left()).toEqual(['a', 'a', 'a']);
    expect(await client.stat('a')).toBe(1);
  });

  it('deletes no marker before the versions that it hides', async () => {
    await put('a', 'b');
    await client.delete('a');
    await client.delete('b');
    server.faults.add({
      match: { operation: 'DeleteObjects', skip: 1 },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    expect(await sweep(() => true)).toMatchObject({ versions: 2, markers: 0, refused: 2 });
    expect(failed).toEqual(['a', 'b']);
    expect(await left()).toEqual(['a', 'b']);
    expect(await client.list('', () => undefined)).toBe(0);
  });

  it('ends where a thousand versions were refused and none was deleted', async () => {
    const keys = Array.from({ length: 2_100 }, (_, index) => String(index).padStart(4, '0'));
    await Promise.all(keys.map((key) => put(key)));
    await Promise.all(keys.map((key) => client.delete(key)));
    server.faults.add({
      match: { operation: 'DeleteObjects' },
      fault: { kind: 'key-errors', code: 'AccessDenied', keys: /./ },
    });
    const before = server.stats().requests.byOperation.DeleteObjects;
    const { refused, versions } = await sweep(() => true);
    expect(versions).toBe(0);
    expect(refused).toBe(failed.length);
    expect(refused).toBeLessThan(keys.length);
    expect(server.stats().requests.byOperation.DeleteObjects - before).toBeLessThanOrEqual(2);
  });

  it('touches nothing once it is told to stop', async () => {
    await put('a');
    await client.delete('a');
    await expect(sweep(() => true, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await left()).toHaveLength(2);
  });

  it('leaves what was there before the dataset, and brings back to light what was seen then', async () => {
    await put('shown', 'hidden');
    await client.delete('hidden');
    nowMs = MADE_SINCE_MS;
    await put('shown', 'hidden', 'hidden');
    for (const key of ['shown', 'hidden']) await client.delete(key);
    const since = { madeSinceMs: MADE_SINCE_MS };
    expect(await sweep(() => true, since)).toMatchObject({ versions: 3, markers: 2, older: 3 });
    expect(await left()).toEqual(['hidden', 'hidden', 'shown']);
    expect(await client.list('', () => undefined)).toBe(1);
    const again = await sweep(() => true, since);
    expect(again).toMatchObject({ versions: 0, markers: 0, rewritten: 0, older: 3 });
  });

  it.each([
    [QUARTER_OF_AN_HOUR_MS, []],
    [QUARTER_OF_AN_HOUR_MS + 1, ['a']],
  ])(
    'allows for clocks that differ by a quarter of an hour (%d ms)',
    async (beforeMs, expected) => {
      nowMs = MADE_SINCE_MS - beforeMs;
      await put('a');
      await client.delete('a');
      nowMs = MADE_SINCE_MS;
      await sweep(() => true, { madeSinceMs: MADE_SINCE_MS });
      expect((await left()).slice(0, 1)).toEqual(expected);
    },
  );

  it('leaves an object of several versions hidden where nobody knows since when there is a dataset', async () => {
    await put('one', 'two', 'two');
    await client.delete('one');
    await client.delete('two');
    const counts = await sweep(() => true, { madeSinceMs: undefined });
    expect(counts).toMatchObject({ versions: 1, markers: 1, older: 0, unclear: 2 });
    expect(await left()).toEqual(['two', 'two', 'two']);
    expect(await client.list('', () => undefined)).toBe(0);
  });
});
