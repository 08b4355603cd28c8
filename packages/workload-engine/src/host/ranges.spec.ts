import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ObjectClient, openStore } from '@sai3bench/object-store';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory } from '@sai3bench/testing';
import { planOf, stageList, type StageRecord, TestHost } from '../testing/run-plan.ts';

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A server with a bucket, to which the environment leads. */
async function startServer(): Promise<S3TestServer> {
  const server = await startS3TestServer({ buckets: ['bucket'], requestLog: 10_000 });
  undo.push(() => server.stop());
  for (const [name, value] of Object.entries(server.env)) {
    process.env[name] = value;
    undo.push(() => Reflect.deleteProperty(process.env, name));
  }
  return server;
}

function directory(): string {
  const made = temporaryDirectory();
  undo.push(() => {
    made.remove();
  });
  return `${made.path}/`;
}

/** Of parts of objects, which are chosen at random: so many that some are right and some are wrong. */
const READS = 200;

/** @param first the stage before the one that reads, if there is one */
function openHost(target: string, more: string, ...first: 'prepare'[]): TestHost {
  const host = new TestHost(
    planOf(`
target: "${target}"
concurrency: 2
verify: full
distributed: {stages: ${stageList(...first, READS)}}
${more}
`),
    1,
  );
  undo.push(() => host.kill());
  return host;
}

/** Prepares objects and reads them; something else may happen in between. */
async function read(
  target: string,
  more: string,
  between: () => unknown = () => undefined,
): Promise<StageRecord | undefined> {
  const host = openHost(target, more, 'prepare');
  await host.open();
  await host.runStages([0]);
  between();
  const [record] = await host.runStages([1]);
  await host.close();
  return record;
}

const SET = 'prepare: {ensure_objects: [{count: 6, size_spec: 50_001, dedup_factor: 2}]}';

function reads(offset: string): string {
  return `${SET}\nworkload: [{op: get, path: "prepared-*", range: {size: 5000, offset: ${offset}}, weight: 1}]`;
}

function operationsOf(record: StageRecord | undefined): number {
  return record?.stats.ofOperation('GET').operations ?? 0;
}

describe('a get of parts of objects', () => {
  it.each(['random', 'start'])('reads and compares what it should on S3 (%s)', async (offset) => {
    const server = await startServer();
    const record = await read(`s3://${server.host}/bucket/`, reads(offset));
    expect(record?.stats.errors()).toBe(0);
    expect(record?.stats.getChecks).toEqual({ content: READS, length: 0, none: 0 });
    expect(record?.stats.ofOperation('GET').bytes).toBe(READS * 5_000);
    const asked = server.requests().flatMap(({ headers }) => headers.get('range') ?? []);
    const offsets = new Set(asked.map((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1])));
    if (offset === 'start') expect([...offsets]).toEqual([0]);
    else expect(offsets.size).toBeGreaterThan(2);
    for (const each of offsets) expect(each % 4_096 === 0 || each === 45_001).toBe(true);
  });

  it.each(['file', 'direct'])('reads and compares what it should on %s://', async (scheme) => {
    const record = await read(`${scheme}://${directory()}`, reads('random'));
    expect(record?.stats.errors()).toBe(0);
    expect(record?.stats.getChecks.content).toBe(READS);
    expect(record?.stats.ofOperation('GET').bytes).toBe(READS * 5_000);
  });

  it('works without a storage, and through the SDK', async () => {
    const server = await startServer();
    for (const [target, more] of [
      ['null://', ''],
      [`s3://${server.host}/bucket/`, '\ns3: {transport: sdk}'],
    ] as const) {
      const record = await read(target, reads('random') + more);
      expect(record?.stats.errors()).toBe(0);
      expect(record?.stats.ofOperation('GET').bytes).toBe(READS * 5_000);
    }
  });

  it('finds a byte that is not what was written, and where', async () => {
    const path = directory();
    const record = await read(`file://${path}`, reads('random'), () => {
      for (const name of readdirSync(path).filter((each) => each.startsWith('prepared-'))) {
        const bytes = readFileSync(join(path, name));
        writeFileSync(join(path, name), bytes.fill(0, 20_000, 30_000));
      }
    });
    expect(record?.report.errors).toMatchObject([
      { code: 'INTEGRITY_CONTENT', message: expect.stringContaining('first at byte 2') },
    ]);
    expect(operationsOf(record)).toBeGreaterThan(0);
  });

  it('finds objects that have become shorter, also where they end before the part', async () => {
    const server = await startServer();
    const path = directory();
    const onFiles = await read(`file://${path}`, reads('random'), () => {
      for (const name of readdirSync(path).filter((each) => each.startsWith('prepared-')))
        truncateSync(join(path, name), 20_000);
    });
    const onS3 = await read(`s3://${server.host}/bucket/`, reads('random'), () => {
      const fault = { kind: 'error', code: 'InvalidRange', status: 416 } as const;
      server.faults.add({ match: { operation: 'GetObject', every: 2 }, fault });
    });
    for (const record of [onFiles, onS3]) {
      expect(record?.report.errors.map(({ code }) => code)).toEqual(['INTEGRITY_LENGTH']);
      expect(operationsOf(record)).toBeGreaterThan(0);
    }
    expect(onS3?.report.errors[0]?.message).toContain('InvalidRange');
  });

  it.each(['s3', 'file'])(
    "takes what there is of others' objects, empty ones too (%s)",
    async (scheme) => {
      const target =
        scheme === 's3' ? `s3://${(await startServer()).host}/bucket/` : `file://${directory()}`;
      const store = await openStore(target, {
        ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 1, fileMode: 'sync' },
        env: process.env,
      });
      for (const size of [0, 10, 9_000])
        await new ObjectClient(store).put(`x/${String(size)}`, Buffer.alloc(size));
      store.close();
      const host = openHost(
        target,
        'workload: [{op: get, path: x/, access: sequential, range: {size: 5000, offset: start}, weight: 1}]',
      );
      await host.open();
      const [record] = await host.runStages();
      await host.close();
      expect(record?.report.errors).toEqual([]);
      expect(record?.stats.ofOperation('GET').bytes).toBeGreaterThan(5_010);
    },
  );
});
