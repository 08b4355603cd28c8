import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord, type TestHost } from '../testing/run-plan.ts';

type Mode = 'strict' | 'tolerant' | 'besteffort';

const COUNT = 20;

const suite = hostSuite();
let server: S3TestServer;

beforeEach(async () => {
  mkdirSync(join(suite.path, 'data'));
  server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
  await server.stop();
});

/** A run that makes objects, if it is not only to clean up, and deletes them. */
async function openRun(target: string, mode: Mode, more = ''): Promise<TestHost> {
  return suite.open(
    planOf(`
target: ${target}
concurrency: 2
prepare: {cleanup: true, cleanup_mode: ${mode}, ensure_objects: [{count: ${String(COUNT)}, size_spec: 100}]${more}}
distributed: {kv_cache_dir: ${suite.path}/cache}
`),
  );
}

/** Only deletes what an earlier run has left. */
async function cleanUpAgain(target: string): Promise<StageRecord | undefined> {
  const host = await openRun(target, 'tolerant', ', cleanup_only: true');
  const records = await host.runStages();
  await host.close();
  return records.at(-1);
}

const files = (): string => `file://${suite.path}/data/`;
const bucket = (): string => `s3://${server.host}/bucket/`;

describe('a cleanup', () => {
  it.each(['strict', 'tolerant', 'besteffort'] as const)(
    'leaves alone in mode %s what this dataset has not made',
    async (mode) => {
      writeFileSync(join(suite.path, 'data', 'prepared-00000003.dat'), 'somebody else');
      const host = await openRun(files(), mode);
      const record = (await host.runStages()).at(-1);
      await host.close();
      expect(record?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT - 1 });
      expect(readdirSync(join(suite.path, 'data'))).toContain('prepared-00000003.dat');
    },
  );

  it('leaves an object alone that was to be made anew, when that was refused', async () => {
    const theirs = `${server.url}/bucket/prepared-00000003.dat`;
    await fetch(theirs, { method: 'PUT', body: 'somebody else' });
    server.faults.add({
      match: { operation: 'PutObject', key: 'prepared-00000003.dat' },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const host = await openRun(bucket(), 'tolerant');
    host.startOver = true;
    const [, prepared] = await host.runStages([0, 1]);
    const [cleaned] = await host.runStages([2]);
    await host.close();
    expect(prepared?.report).toMatchObject({ outcome: 'failed', tasksDone: COUNT - 1 });
    expect(cleaned?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT - 1 });
    expect((await fetch(theirs)).status).toBe(200);
  });

  it('deletes an object whose creation may have worked', async () => {
    server.faults.add({
      match: { operation: 'PutObject', key: 'prepared-00000003.dat' },
      fault: { kind: 'cut', afterBytes: 0, end: 'reset' },
    });
    const host = await openRun(bucket(), 'tolerant');
    const [, prepared] = await host.runStages([0, 1]);
    const [cleaned] = await host.runStages([2]);
    await host.close();
    expect(prepared?.report).toMatchObject({ outcome: 'failed', tasksDone: COUNT - 1 });
    expect(cleaned?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT });
    expect((await fetch(`${server.url}/bucket/prepared-00000003.dat`)).status).toBe(404);
  });

  it.each(['tolerant', 'besteffort'] as const)(
    'leaves in mode %s what it could not delete to the next one',
    async (mode) => {
      server.faults.add({
        match: { operation: 'DeleteObjects' },
        fault: { kind: 'key-errors', code: 'AccessDenied', keys: /prepared-0000000[3-5]/ },
      });
      const host = await openRun(bucket(), mode);
      const record = (await host.runStages()).at(-1);
      await host.close();
      expect(record?.report).toMatchObject({
        outcome: mode === 'besteffort' ? 'completed' : 'failed',
        tasksDone: COUNT - 3,
        failure: { message: '3 of 20 objects could not be deleted' },
      });
      server.faults.clear();
      const again = await cleanUpAgain(bucket());
      expect(again?.report).toMatchObject({ outcome: 'completed', tasksDone: 3 });
    },
  );
});
