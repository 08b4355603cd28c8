import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ObjectClient, type ObjectStore, openStore } from '@sai3bench/object-store';
import {
  type S3Operation,
  type S3TestServer,
  type S3TestServerOptions,
  startS3TestServer,
  type VersioningStatus,
} from '@sai3bench/s3-test-server';
import { planOf, type StageRecord, TestHost } from '../testing/run-plan.ts';

const COUNT = 50;

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A server whose bucket keeps versions, or no more, or never did; the environment leads to it. */
async function startServer(
  versioning?: VersioningStatus,
  more: S3TestServerOptions = {},
): Promise<S3TestServer> {
  const bucket = versioning === undefined ? 'bucket' : { name: 'bucket', versioning };
  const server = await startS3TestServer({ buckets: [bucket], ...more });
  undo.push(() => server.stop());
  for (const [name, value] of Object.entries(server.env)) {
    process.env[name] = value;
    undo.push(() => Reflect.deleteProperty(process.env, name));
  }
  return server;
}

/** Another user of the bucket. */
async function stranger(server: S3TestServer): Promise<ObjectStore> {
  const store = await openStore(`s3://${server.host}/bucket/`, {
    ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 4, fileMode: 'async' },
    env: server.env,
  });
  undo.push(() => {
    store.close();
  });
  return store;
}

/** Keys of all versions in the bucket, with an asterisk where it is a delete marker. */
async function versions(store: ObjectStore): Promise<string[]> {
  const found: string[] = [];
  await store.versions?.list('', async (page) => {
    await Promise.resolve();
    found.push(...page.map(({ isMarker, key }) => (isMarker ? `${key}*` : key)));
  });
  return found;
}

function workload(server: S3TestServer, stages: string): string {
  return `
target: s3://${server.host}/bucket/set/
concurrency: 1
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 100}]}
workload: [{op: put, path: new/, object_size: 100, weight: 1}]
distributed: {stages: [${stages}]}
`;
}

const FILL = '{name: fill, order: 1, type: prepare}';
const PUT = '{name: put, order: 3, type: execute, duration: 300ms}';
const WIPE = '{name: wipe, order: 4, type: cleanup}';

/** Carries out stages, and ends as a run does. */
async function run(
  server: S3TestServer,
  stages: string,
  startOver = false,
): Promise<{ host: TestHost; record: StageRecord | undefined }> {
  const host = new TestHost(planOf(workload(server, stages)));
  undo.push(() => host.kill());
  host.startOver = startOver;
  await host.open();
  const record = (await host.runStages()).at(-1);
  await host.close();
  return { host, record };
}

/** Of all agents on this host. */
function forgetCaches(): void {
  const directory = process.env['SAI3BENCH_CACHE_DIR'] ?? '';
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
}

function refuse(operation: S3Operation): S3TestServerOptions {
  return { refuse: { [operation]: 'AccessDenied' } };
}

describe('cleanup of a bucket that keeps versions', () => {
  it.each(['Enabled', 'Suspended'] as const)(
    'deletes all versions of what it has made, and of nothing else (%s)',
    async (versioning) => {
      const server = await startServer(versioning);
      const other = await stranger(server);
      const foreign = ['set/prepared-00000050.dat', 'set/prepared-0', 'set/new/obj_1-0-0-0-0', 'x'];
      for (const key of [...foreign, ...foreign])
        await new ObjectClient(other).put(key, Buffer.of(1));
      await new ObjectClient(other).delete('x');
      const before = await versions(other);
      await run(server, FILL);
      const { host, record } = await run(server, `${FILL}, ${PUT}, ${WIPE}`, true);
      expect(record?.report.outcome).toBe('completed');
      expect(await versions(other)).toEqual(before);
      expect(host.notices.filter((text) => text.includes('old versions'))).toHaveLength(1);
      expect(server.stats().requests.byOperation.PutObject).toBeGreaterThan(2 * COUNT);
    },
  );

  it.each([
    ['in its cache', () => undefined],
    ['in a checkpoint', forgetCaches],
  ])('leaves what others had there before its first prepare, as remembered %s', async (_, lose) => {
    let nowMs = Date.now() - 3_600_000;
    const server = await startServer('Enabled', { now: () => nowMs, maxSkewMs: Infinity });
    const other = await stranger(server);
    const client = new ObjectClient(other);
    const [shown, hidden] = ['set/prepared-00000000.dat', 'set/prepared-00000001.dat'];
    for (const key of [shown, hidden]) await client.put(key, Buffer.of(1));
    await client.delete(hidden);
    const before = await versions(other);
    nowMs = Date.now();
    await run(server, FILL, true);
    nowMs += 3_600_000;
    await run(server, FILL, true);
    lose();
    const { host, record } = await run(server, WIPE);
    expect(record?.report.outcome).toBe('completed');
    expect(await versions(other)).toEqual(before);
    expect([await client.stat(shown), before]).toEqual([1, [shown, `${hidden}*`, hidden]]);
    expect(host.notices.filter((text) => text.includes('older than the dataset'))).toEqual([
      expect.stringMatching(/^Left 3 versions and delete markers/),
    ]);
  });

  it('does not look for versions where there are none', async () => {
    const server = await startServer();
    const { host } = await run(server, `${FILL}, ${WIPE}`);
    const { GetBucketVersioning, ListObjectVersions } = server.stats().requests.byOperation;
    expect([GetBucketVersioning, ListObjectVersions]).toEqual([1, 0]);
    expect(host.notices).toEqual([]);
  });

  it('goes on and says so when it may not know whether there are versions', async () => {
    const server = await startServer('Enabled', refuse('GetBucketVersioning'));
    const { host, record } = await run(server, `${FILL}, ${WIPE}`);
    expect(record?.report.outcome).toBe('completed');
    expect(host.notices).toContainEqual(
      expect.stringMatching(/^⚠ Whether .* keeps versions is not known.*AccessDenied/),
    );
    expect(server.stats().requests.byOperation.ListObjectVersions).toBe(0);
  });

  it('says why versions are left when it may not list them, and deletes them later', async () => {
    const server = await startServer('Enabled');
    const other = await stranger(server);
    const denied = server.faults.add({
      match: { operation: 'ListObjectVersions' },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const { host, record } = await run(server, `${FILL}, ${WIPE}`);
    expect(record?.report.outcome).toBe('completed');
    expect(host.notices.filter((text) => /^⚠ Old versions .* are left/.test(text))).toEqual([
      expect.stringContaining('grant s3:ListBucketVersions'),
    ]);
    denied.remove();
    expect(await versions(other)).not.toEqual([]);
    await run(server, WIPE);
    expect(await versions(other)).toEqual([]);
  });

  it('fails when it cannot delete a version, leaves it hidden, and deletes it later', async () => {
    const server = await startServer('Enabled');
    const other = await stranger(server);
    await run(server, FILL);
    // The first request deletes the objects, the next their versions.
    const denied = server.faults.add({
      match: { operation: 'DeleteObjects', skip: 1 },
      fault: { kind: 'key-errors', code: 'AccessDenied', keys: /prepared-00000007/ },
    });
    const { record } = await run(server, WIPE);
    expect(record?.report).toMatchObject({ outcome: 'failed', errors: [{ count: 1 }] });
    expect(record?.report.failure?.message).toBe(
      'old versions of 1 deleted object could not be deleted',
    );
    expect(record?.report.failure?.hint).toContain('s3:DeleteObjectVersion');
    expect((await versions(other)).filter((key) => key.includes('prepared'))).toEqual([
      'set/prepared-00000007.dat*',
      'set/prepared-00000007.dat',
    ]);
    denied.remove();
    expect((await run(server, WIPE)).record?.report.outcome).toBe('completed');
    expect(await versions(other)).toEqual([]);
  });

  it('counts no failure that is made good when all is gone through again', async () => {
    const server = await startServer('Enabled');
    const other = await stranger(server);
    await run(server, FILL);
    // Of the first pass, one version is refused; then the request for the markers fails.
    server.faults.add({
      match: { operation: 'DeleteObjects', skip: 1, times: 1 },
      fault: { kind: 'key-errors', code: 'AccessDenied', keys: /prepared-00000007/ },
    });
    server.faults.add({
      match: { operation: 'DeleteObjects', skip: 2, times: 1 },
      fault: { kind: 'error', code: 'SlowDown' },
    });
    const { record } = await run(server, WIPE);
    expect(record?.report).toMatchObject({ outcome: 'completed', errors: [] });
    expect(await versions(other)).toEqual([]);
  });

  it('tries versions again that the server was too busy for', async () => {
    const server = await startServer('Enabled');
    const other = await stranger(server);
    await run(server, FILL);
    server.faults.add({
      match: { operation: 'DeleteObjects', skip: 1, times: 1 },
      fault: { kind: 'key-errors', code: 'SlowDown', keys: /prepared/ },
    });
    server.faults.add({
      match: { operation: 'ListObjectVersions', times: 1 },
      fault: { kind: 'error', code: 'SlowDown' },
    });
    expect((await run(server, WIPE)).record?.report.outcome).toBe('completed');
    expect(await versions(other)).toEqual([]);
  });
});
