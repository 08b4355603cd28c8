import { afterEach, describe, expect, it } from '@jest/globals';
import { FastS3Store, openStore } from '@sai3bench/object-store';
import { type S3Operation, type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { planOf, type StageRecord, TestHost } from '../testing/run-plan.ts';

const undo: (() => unknown)[] = [];
/** Another one in each test, so that nothing is known of it. */
let bucket = 'bucket-0';

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A server that takes parts of any length; the environment leads to it. */
async function startServer(): Promise<S3TestServer> {
  bucket = `bucket-${String(Number(bucket.slice('bucket-'.length)) + 1)}`;
  const server = await startS3TestServer({ buckets: [bucket], minPartBytes: 1 });
  undo.push(() => server.stop());
  for (const [name, value] of Object.entries(server.env)) {
    process.env[name] = value;
    undo.push(() => Reflect.deleteProperty(process.env, name));
  }
  return server;
}

/** Another user of the bucket. */
async function stranger(server: S3TestServer): Promise<FastS3Store> {
  const store = await openStore(`s3://${server.host}/${bucket}/`, {
    ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 4, fileMode: 'async' },
    env: server.env,
  });
  if (!(store instanceof FastS3Store)) throw new TypeError('not the fast store');
  undo.push(() => {
    store.close();
  });
  return store;
}

/** Keys of uploads that have not ended. */
async function unfinished(store: FastS3Store): Promise<string[]> {
  const keys: string[] = [];
  await store.abortOrphans('', ({ key }) => {
    keys.push(key);
    return false;
  });
  return keys;
}

/** Lets operations fail until the function that is returned is called. */
function fail(server: S3TestServer, ...operations: S3Operation[]): () => void {
  const rules = operations.map((operation) =>
    server.faults.add({ match: { operation }, fault: { kind: 'error', code: 'AccessDenied' } }),
  );
  return () => {
    for (const rule of rules) rule.remove();
  };
}

/** Begins uploads and leaves them. */
async function leave(server: S3TestServer, store: FastS3Store, keys: string[]): Promise<void> {
  const repair = fail(server, 'UploadPart', 'AbortMultipartUpload');
  for (const key of keys) {
    const payload = { chunk: () => Buffer.of(1) };
    const upload = { key, sizeBytes: 1, partBytes: 1, parallel: 1, payloadOf: () => payload };
    await expect(store.uploadMultipart(upload)).rejects.toThrow();
  }
  repair();
}

const FOREIGN = ['other', 'set/new/obj_1-0-0-0-0', 'set/prepared-0', 'set/prepared-00000004.dat'];
const SET = 'prepare: {ensure_objects: [{count: 4, size_spec: 8KiB}]}';
const PREPARE = '{name: fill, order: 1, type: prepare}';
const WIPE = '{name: wipe, order: 4, type: cleanup}';

function workload(server: S3TestServer, more: string): string {
  return `
target: s3://${server.host}/${bucket}/set/
concurrency: 2
s3: {multipart: {threshold: 4KiB}}
${more}
`;
}

function openHost(server: S3TestServer, more: string, cleanupOnly = false): TestHost {
  const host = new TestHost(planOf(workload(server, more), 1, { cleanupOnly }), 1);
  undo.push(() => host.kill());
  return host;
}

/** Begins to make the objects, and is killed when as many uploads are under way as may be. */
async function interruptPrepare(server: S3TestServer): Promise<void> {
  const stall = server.faults.add({
    match: { operation: 'UploadPart' },
    fault: { kind: 'stall-request', afterBodyBytes: 100 },
  });
  const before = server.stats().requests.byOperation.UploadPart;
  const host = openHost(server, `${SET}\ndistributed: {stages: [${PREPARE}]}`);
  await host.open();
  // It does not live to tell how that ends.
  void host.runStages();
  while (server.stats().requests.byOperation.UploadPart < before + 2)
    await new Promise((resolve) => setImmediate(resolve));
  await host.kill();
  stall.remove();
}

/** Carries out all stages, and ends as a run does. */
async function run(host: TestHost): Promise<StageRecord | undefined> {
  await host.open();
  const record = (await host.runStages()).at(-1);
  await host.close();
  return record;
}

/** A prepare that was killed, and what strangers have left. */
async function interrupted(): Promise<{ server: S3TestServer; other: FastS3Store }> {
  const server = await startServer();
  const other = await stranger(server);
  await leave(server, other, FOREIGN);
  await interruptPrepare(server);
  expect(await unfinished(other)).toHaveLength(FOREIGN.length + 2);
  return { server, other };
}

const SAID = expect.stringMatching(/^Aborted 2 unfinished uploads of this workload$/);

describe('uploads that a killed prepare has left', () => {
  it('are aborted when it is gone on with, and no others', async () => {
    const { other, server } = await interrupted();
    const host = openHost(server, `${SET}\ndistributed: {stages: [${PREPARE}]}`);
    expect((await run(host))?.report).toMatchObject({ outcome: 'completed', tasksDone: 4 });
    expect(host.notices).toContainEqual(SAID);
    expect(await unfinished(other)).toEqual(FOREIGN);
  });

  it('are aborted by a clean-up of the file, and no others, also by a server that is busy', async () => {
    const { other, server } = await interrupted();
    for (const operation of ['ListMultipartUploads', 'AbortMultipartUpload'] as const)
      server.faults.add({
        match: { operation, times: 1 },
        fault: { kind: 'error', code: 'SlowDown' },
      });
    const host = openHost(server, SET, true);
    expect((await run(host))?.report.outcome).toBe('completed');
    expect(host.notices).toContainEqual(SAID);
    expect(await unfinished(other)).toEqual(FOREIGN);
  });

  it('are left where they may not be listed or aborted, which is said, and aborted by the next clean-up', async () => {
    const { other, server } = await interrupted();
    const mayList = fail(server, 'ListMultipartUploads');
    const blind = openHost(server, SET, true);
    expect((await run(blind))?.report.outcome).toBe('completed');
    expect(blind.notices).toContainEqual(
      expect.stringMatching(/^⚠ Unfinished uploads may be left .*ListBucketMultipartUploads/),
    );
    mayList();
    const mayAbort = fail(server, 'AbortMultipartUpload');
    const report = (await run(openHost(server, SET, true)))?.report;
    expect(report).toMatchObject({ outcome: 'failed', errors: [{ count: 2 }] });
    expect(report?.failure?.hint).toContain('s3:AbortMultipartUpload');
    mayAbort();
    expect((await run(openHost(server, SET, true)))?.report.outcome).toBe('completed');
    expect(await unfinished(other)).toEqual(FOREIGN);
  });
});

describe('a clean-up', () => {
  it('aborts uploads of what the workload has put', async () => {
    const server = await startServer();
    const other = await stranger(server);
    await leave(server, other, FOREIGN);
    const repair = fail(server, 'CompleteMultipartUpload', 'AbortMultipartUpload');
    const host = openHost(
      server,
      `
workload: [{op: put, path: new/, object_size: 8KiB, weight: 1}]
distributed: {stages: [{name: put, order: 1, type: hybrid, expected_tasks: 4}, ${WIPE}]}
`,
    );
    await host.open();
    await host.runStages([0]);
    repair();
    expect((await unfinished(other)).length).toBeGreaterThan(FOREIGN.length);
    const [record] = await host.runStages([1]);
    expect(record?.report.outcome).toBe('completed');
    expect(await unfinished(other)).toEqual(FOREIGN);
  });

  it('does not mind a server that lists no uploads where nothing goes in parts', async () => {
    const server = await startServer();
    fail(server, 'ListMultipartUploads');
    const host = openHost(
      server,
      `
prepare: {ensure_objects: [{count: 4, size_spec: 4KiB}]}
distributed: {stages: [${PREPARE}, ${WIPE}]}
`,
    );
    expect((await run(host))?.report.outcome).toBe('completed');
    expect(host.notices).toEqual([]);
  });
});
