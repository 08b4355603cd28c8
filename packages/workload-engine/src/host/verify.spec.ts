import { mkdirSync, openSync, closeSync, readSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, stageList, type StageRecord } from '../testing/run-plan.ts';

const suite = hostSuite();

beforeEach(() => {
  mkdirSync(join(suite.path, 'data'));
});

/** Where objects lie, and how they are read: by blocking calls, or, of many at once, by a thread pool. */
interface Way {
  readonly scheme: 'file' | 'direct';
  readonly concurrency: number;
}

const BLOCKING: Way = { scheme: 'file', concurrency: 1 };
/** So many of 20 objects that each is read. */
const READS = 800;

/** Prepares objects, flips one byte of each that `isSpoilt` names, and reads them all. */
async function read(
  verify: string,
  isSpoilt: (name: string) => boolean,
  { concurrency, scheme } = BLOCKING,
): Promise<StageRecord | undefined> {
  const host = await suite.open(
    planOf(`
target: ${scheme}://${suite.path}/
concurrency: ${String(concurrency)}
verify: ${verify}
prepare: {ensure_objects: [{base_uri: data/, count: 20, size_spec: {type: uniform, min: 8000, max: 200000}, compress_factor: 3, dedup_factor: 2}]}
workload: [{op: get, path: data/, weight: 1}]
distributed: {stages: ${stageList('prepare', READS)}}
`),
  );
  await host.runStages([0]);
  for (const name of readdirSync(join(suite.path, 'data')).filter(isSpoilt)) {
    flipByte(join(suite.path, 'data', name), 4_096);
  }
  const [execute] = await host.runStages([1]);
  await host.close();
  return execute;
}

/** Inverts a byte of a file, so that it is another one whatever it was. */
function flipByte(path: string, offset: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, offset);
  writeSync(file, Buffer.of(byte.readUInt8() ^ 0xff), 0, 1, offset);
  closeSync(file);
}

describe('verify', () => {
  it('full finds nothing wrong with objects as they were written', async () => {
    const execute = await read('full', () => false);
    expect(execute?.stats.errors()).toBe(0);
    expect(execute?.stats.getChecks).toEqual({ content: READS, length: 0, none: 0 });
  });

  it.each([
    BLOCKING,
    { scheme: 'file', concurrency: 80 },
    { scheme: 'direct', concurrency: 1 },
    { scheme: 'direct', concurrency: 80 },
  ] satisfies Way[])(
    'full finds a byte that is not what was written, where, and nothing else on $scheme:// with $concurrency at once',
    async (way) => {
      const execute = await read('full', (name) => name === 'prepared-00000007.dat', way);
      const errors = execute?.stats.errors() ?? 0;
      expect(errors).toBeGreaterThan(0);
      expect(execute?.report.errors).toMatchObject([
        {
          code: 'INTEGRITY_CONTENT',
          count: errors,
          key: 'data/prepared-00000007.dat',
          message: expect.stringContaining('first at byte 4096'),
        },
      ]);
      expect(errors).toBeLessThan(READS);
      expect(execute?.stats.getChecks).toEqual({ content: READS, length: 0, none: 0 });
    },
  );

  it.each(['file', 'direct'] as const)('sample finds some of them on %s://', async (scheme) => {
    const way = { scheme, concurrency: 1 };
    const execute = await read('sample', (name) => name.startsWith('prepared-'), way);
    const errors = execute?.stats.errors() ?? 0;
    expect(errors).toBe(READS / 16);
    expect(execute?.stats.getChecks).toEqual({ content: errors, length: READS - errors, none: 0 });
  });

  it('length does not look at what is in them', async () => {
    const execute = await read('length', (name) => name.startsWith('prepared-'));
    expect(execute?.stats.errors()).toBe(0);
    expect(execute?.stats.getChecks).toEqual({ content: 0, length: READS, none: 0 });
  });

  it('full also compares what the mix itself has put, with S3 and several threads', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'] });
    try {
      Object.assign(process.env, server.env);
      const right = await readOwn(server.host);
      expect(right?.stats.errors()).toBe(0);
      const { operations = 0 } = right?.stats.ofOperation('GET') ?? {};
      expect(operations).toBe(300);
      expect(right?.stats.getChecks).toEqual({ content: operations, length: 0, none: 0 });
      server.faults.add({
        match: { operation: 'GetObject', key: /^new\//, every: 3 },
        fault: { kind: 'corrupt' },
      });
      const spoilt = await readOwn(server.host);
      expect(spoilt?.report.errors).toMatchObject([{ code: 'INTEGRITY_CONTENT' }]);
    } finally {
      await server.stop();
    }
  });
});

/** Puts objects and reads what was put. */
async function readOwn(serverHost: string): Promise<StageRecord | undefined> {
  const host = await suite.open(
    planOf(`
target: s3://${serverHost}/bucket/
concurrency: 4
verify: full
dynamic_put_pool: true
workload:
  - {op: put, path: new/, size_spec: {type: uniform, min: 1, max: 60000}, compress_factor: 2, weight: 1}
  - {op: get, path: new/, weight: 3}
distributed: {stages: ${stageList(400)}}
`),
    2,
  );
  const [execute] = await host.runStages();
  await host.close();
  return execute;
}
