import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectClient, type ObjectStore, openStore } from '@sai3bench/object-store';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { type SweepCounts, sweepVersions } from './version-sweep.ts';

let server: S3TestServer;
let store: ObjectStore;
let client: ObjectClient;
/** Keys of which something was said to be left. */
let failed: string[] = [];
/** Pages that were listed. */
let pages = 0;

beforeEach(async () => {
  failed = [];
  pages = 0;
  server = await startS3TestServer({ buckets: [{ name: 'bucket', versioning: 'Enabled' }] });
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
  signal = new AbortController().signal,
): Promise<SweepCounts> {
  const counts = { versions: 0, markers: 0, rewritten: 0, refused: 0 };
  const { versions } = store;
  if (versions === undefined) throw new TypeError('the store knows no versions');
  const onFailure = (key: string): void => {
    failed.push(key);
  };
  const onPage = (): void => {
    pages++;
  };
  await sweepVersions('', { versions, counts, isDeleted, onFailure, onPage, signal });
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
      ...{ rewritten: 0, refused: 0 },
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
    await expect(sweep(() => true, AbortSignal.abort())).rejects.toThrow();
    expect(await left()).toHaveLength(2);
  });
});
