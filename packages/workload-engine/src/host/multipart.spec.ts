import { afterEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { planOf, stageList, type StageRecord, TestHost } from '../testing/run-plan.ts';

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

async function run(server: S3TestServer, more: string, verifyOnly = false): Promise<StageRecord[]> {
  const host = new TestHost(
    planOf(
      `
target: s3://${server.host}/bucket/set/
concurrency: 2
s3: {multipart: {threshold: 6MiB, part_size: 5MiB, parallel: 3}}
${more}
`,
      1,
      { verifyOnly },
    ),
    1,
  );
  undo.push(() => host.kill());
  await host.open();
  const records = await host.runStages();
  await host.close();
  return records;
}

describe('objects in parts', () => {
  it('have the content of their dataset', async () => {
    const server = await startServer();
    const set = 'prepare: {ensure_objects: [{count: 4, size_spec: 11MiB, dedup_factor: 2}]}';
    const prepare = (await run(server, set)).at(-1);
    expect(prepare?.report).toMatchObject({ outcome: 'completed', tasksDone: 4 });
    expect(prepare?.stats.operationCount()).toBe(4);
    const verify = (await run(server, set, true)).at(-1);
    expect(verify?.report).toMatchObject({ outcome: 'completed', tasksDone: 4, errors: [] });
    expect(verify?.stats.getChecks).toEqual({ content: 4, length: 0, none: 0 });
    const { CreateMultipartUpload, UploadPart } = server.stats().requests.byOperation;
    expect([CreateMultipartUpload, UploadPart]).toEqual([4, 12]);
  });

  it('are begun anew when a part fails, which counts as a retry', async () => {
    const server = await startServer();
    const fault = { kind: 'error', code: 'SlowDown' } as const;
    server.faults.add({ match: { operation: 'UploadPart', skip: 4, times: 1 }, fault });
    const set = 'prepare: {ensure_objects: [{count: 4, size_spec: 11MiB}]}';
    const prepare = (await run(server, set)).at(-1);
    expect(prepare?.report).toMatchObject({ outcome: 'completed', tasksDone: 4, errors: [] });
    expect(prepare?.stats.retries()).toBe(1);
    const { byOperation } = server.stats().requests;
    expect(byOperation.CreateMultipartUpload).toBe(5);
    expect(byOperation.AbortMultipartUpload).toBe(1);
    expect((await run(server, set, true)).at(-1)?.report.errors).toEqual([]);
  });

  it('are put by a workload as well, beside smaller ones', async () => {
    const server = await startServer();
    const [record] = await run(
      server,
      `
workload:
  - {op: put, path: large/, object_size: 7MiB, weight: 1}
  - {op: put, path: small/, object_size: 6MiB, weight: 1}
distributed: {stages: ${stageList(4)}}
`,
    );
    expect(record?.report.outcome).toBe('completed');
    expect(record?.stats.errors()).toBe(0);
    const { CompleteMultipartUpload, PutObject } = server.stats().requests.byOperation;
    expect([CompleteMultipartUpload, PutObject]).toEqual([2, 2]);
  });
});
