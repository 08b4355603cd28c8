import { afterEach, describe, expect, it } from '@jest/globals';
import type { S3TestServerOptions } from '@sai3bench/s3-test-server';
import type { ListedVersion } from '../object-versions.ts';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure } from '../testing/s3-fixture.ts';

const faulty = new FaultyServer();

afterEach(async () => faulty.stop());

type Versioning = 'Enabled' | 'Suspended';

/** A store whose bucket keeps versions; nothing is in it. */
async function start(versioning: Versioning, more: S3TestServerOptions = {}): Promise<void> {
  await faulty.start({}, { buckets: [{ name: 'bucket', versioning }], ...more });
  await faulty.store.versions.delete(await listed());
}

async function put(...keys: string[]): Promise<void> {
  for (const key of keys) await faulty.client.put(key, CONTENT);
}

async function listed(prefix = ''): Promise<ListedVersion[]> {
  const found: ListedVersion[] = [];
  await faulty.store.versions.list(prefix, async (page) => {
    await Promise.resolve();
    found.push(...page);
  });
  return found;
}

/** Keys of versions, with an asterisk where it is a delete marker. */
async function summary(prefix?: string): Promise<string[]> {
  return (await listed(prefix)).map(({ isMarker, key }) => (isMarker ? `${key}*` : key));
}

describe('FastS3Store.versions', () => {
  it.each([
    [undefined, 'never'],
    ['Enabled', 'enabled'],
    ['Suspended', 'suspended'],
  ] as const)('tells whether the bucket keeps versions (%s)', async (versioning, expected) => {
    const bucket = versioning === undefined ? 'bucket' : { name: 'bucket', versioning };
    await faulty.start({}, { buckets: [bucket] });
    expect(await faulty.store.versions.status()).toBe(expected);
  });

  it.each(['AccessDenied', 'NotImplemented'] as const)(
    'says why that cannot be told (%s)',
    async (code) => {
      await faulty.start({}, { refuse: { GetBucketVersioning: code } });
      const error = await failure(faulty.store.versions.status());
      expect(error.code).toBe(`S3_${code}`);
    },
  );

  it('does not take another answer for the status', async () => {
    await faulty.start();
    faulty.strike({ kind: 'empty', status: 200 }, { operation: 'GetBucketVersioning' });
    const error = await failure(faulty.store.versions.status());
    expect(error.code).toBe('S3_ILLEGAL_ANSWER');
  });

  it('lists versions and delete markers below a prefix, the newest of a key first', async () => {
    await start('Enabled');
    await put('p/a', 'p/a', 'p/b &+%', 'q');
    await faulty.client.delete('p/a');
    const found = await listed('p/');
    expect(found.map(({ isLatest, isMarker, key }) => [key, isMarker, isLatest])).toEqual([
      ['p/a', true, true],
      ['p/a', false, false],
      ['p/a', false, false],
      ['p/b &+%', false, true],
    ]);
    expect(new Set(found.map(({ versionId }) => versionId)).size).toBe(4);
  });

  it('says when versions and delete markers were written, in ms since 1970', async () => {
    let nowMs = 1_000_000_000_000;
    await start('Enabled', { now: () => nowMs, maxSkewMs: Infinity });
    await put('a');
    nowMs += 1_500;
    await faulty.client.delete('a');
    expect((await listed()).map(({ modifiedAtMs }) => modifiedAtMs)).toEqual([
      1_000_000_001_500, 1_000_000_000_000,
    ]);
  });

  it('deletes versions for good, page by page, and no others', async () => {
    await start('Enabled');
    const keys = Array.from({ length: 1_100 }, (_, index) => `many/${String(index % 300)}`);
    await put(...keys, 'other');
    let pages = 0;
    await faulty.store.versions.list('many/', async (page) => {
      pages++;
      expect(await faulty.store.versions.delete(page)).toEqual([]);
    });
    expect(pages).toBe(2);
    expect(await summary()).toEqual(['other']);
    const { DeleteObject, DeleteObjects } = faulty.server.stats().requests.byOperation;
    expect([DeleteObjects, DeleteObject]).toEqual([3, 0]);
  });

  it('deletes the marker that a deletion leaves where versions are kept no more', async () => {
    await start('Suspended');
    await put('a');
    await faulty.client.delete('a');
    expect(await summary()).toEqual(['a*']);
    await faulty.store.versions.delete(await listed());
    expect(await summary()).toEqual([]);
  });

  it('deletes one by one where the server does not do more', async () => {
    await faulty.start(
      {},
      {
        buckets: [{ name: 'bucket', versioning: 'Enabled' }],
        refuse: { DeleteObjects: 'NotImplemented' },
      },
    );
    await put('a', 'a', 'b');
    const versions = await listed();
    const gone = { key: 'a', versionId: 'v999999999' };
    expect(await faulty.store.versions.delete([...versions, gone])).toEqual([]);
    expect(await summary()).toEqual([]);
  });

  it('says which versions it could not delete', async () => {
    await start('Enabled');
    await put('a', 'b', 'b');
    faulty.strike(
      { kind: 'key-errors', code: 'AccessDenied', keys: /^b$/ },
      { operation: 'DeleteObjects' },
    );
    const versions = await listed();
    const failures = await faulty.store.versions.delete(versions);
    expect(failures.map(({ key, versionId }) => ({ key, versionId }))).toEqual(
      versions.filter(({ key }) => key === 'b').map(({ key, versionId }) => ({ key, versionId })),
    );
    expect(failures[0]?.error.code).toBe('S3_AccessDenied');
    expect(await summary()).toEqual(['b', 'b']);
  });

  it('fails as a whole when the request does', async () => {
    await start('Enabled');
    await put('a');
    faulty.strike({ kind: 'error', code: 'SlowDown' });
    expect((await failure(faulty.store.versions.delete([{ key: 'a', versionId: 'x' }]))).code).toBe(
      'S3_SlowDown',
    );
    expect((await failure(listed())).code).toBe('S3_SlowDown');
  });
});
