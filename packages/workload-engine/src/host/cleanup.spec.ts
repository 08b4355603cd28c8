import { afterEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { planOf, type StageRecord, TestHost } from '../testing/run-plan.ts';

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A server with a bucket, to which the environment leads. */
async function startServer(): Promise<S3TestServer> {
  const server = await startS3TestServer({ buckets: ['bucket'] });
  undo.push(() => server.stop());
  for (const [name, value] of Object.entries(server.env)) {
    process.env[name] = value;
    undo.push(() => Reflect.deleteProperty(process.env, name));
  }
  return server;
}

/** Objects that were put, besides the checkpoints after prepare and before cleanup. */
function objectsPut(server: S3TestServer): number {
  return server.stats().requests.byOperation.PutObject - 2;
}

/** Makes objects, puts some for a second, and cleans up. */
async function cleanUp(
  server: S3TestServer,
  count: number,
  concurrency = 4,
): Promise<StageRecord | undefined> {
  const host = new TestHost(
    planOf(`
target: s3://${server.host}/bucket/set/
concurrency: ${String(concurrency)}
duration: 1s
prepare: {ensure_objects: [{count: ${String(count)}, size_spec: 100}], cleanup: true}
workload: [{op: put, path: new/, object_size: 100, weight: 1}]
`),
  );
  undo.push(() => host.kill());
  await host.open();
  return (await host.runStages()).at(-1);
}

describe('cleanup on S3', () => {
  it('deletes a thousand objects with one request', async () => {
    const server = await startServer();
    const record = await cleanUp(server, 3_000);
    const { byOperation } = server.stats().requests;
    const puts = objectsPut(server);
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksDone: puts });
    // That of the checkpoint, which comes last.
    expect(byOperation.DeleteObject).toBe(1);
    // Each of the four operations in flight may end with a batch that is not full.
    expect(byOperation.DeleteObjects).toBeLessThanOrEqual(Math.ceil(puts / 1000) + 4);
  });

  it('deletes one by one where the server does not know better', async () => {
    const server = await startServer();
    server.faults.add({
      match: { operation: 'DeleteObjects' },
      fault: { kind: 'error', code: 'NotImplemented' },
    });
    const record = await cleanUp(server, 100);
    const puts = objectsPut(server);
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksDone: puts });
    expect(server.stats().requests.byOperation.DeleteObject).toBe(puts + 1);
  });

  it('tries objects of a batch again that failed alone', async () => {
    const server = await startServer();
    server.faults.add({
      match: { operation: 'DeleteObjects', times: 1 },
      fault: { kind: 'key-errors', code: 'SlowDown', keys: /prepared-0000000[0-4]/ },
    });
    // One at a time, so that the first to arrive is the one with these.
    const record = await cleanUp(server, 100, 1);
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksDone: objectsPut(server) });
    expect(record?.stats.errors()).toBe(0);
    expect(record?.stats.retries()).toBe(5);
  });

  it('does not try an object of a batch again whose error will not pass', async () => {
    const server = await startServer();
    server.faults.add({
      match: { operation: 'DeleteObjects' },
      fault: { kind: 'key-errors', code: 'AccessDenied', keys: /prepared-00000003/ },
    });
    const record = await cleanUp(server, 100);
    expect(record?.stats.errors()).toBe(1);
    expect(record?.stats.retries()).toBe(0);
  });

  it('tries a batch again when the server is busy', async () => {
    const server = await startServer();
    server.faults.add({
      match: { operation: 'DeleteObjects', times: 2 },
      fault: { kind: 'error', code: 'SlowDown' },
    });
    const record = await cleanUp(server, 100);
    expect(record?.report.outcome).toBe('completed');
    expect(record?.stats.errors()).toBe(0);
    expect(record?.stats.retries()).toBe(2);
  });
});
