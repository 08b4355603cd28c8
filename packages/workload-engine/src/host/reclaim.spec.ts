import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const COUNT = 60;
const SIZE_BYTES = 5_000;

const suite = hostSuite();

beforeEach(() => {
  mkdirSync(join(suite.path, 'data'));
});

interface Run {
  readonly host: TestHost;
  readonly last: StageRecord | undefined;
}

async function openRun(target: string, more: string, count = COUNT): Promise<TestHost> {
  return suite.open(
    planOf(`
target: ${target}
concurrency: 4
prepare: {ensure_objects: [{count: ${String(count)}, size_spec: ${String(SIZE_BYTES)}}]${more}}
distributed: {kv_cache_dir: ${suite.path}/cache}
`),
  );
}

async function run(target: string, more: string, count = COUNT): Promise<Run> {
  const host = await openRun(target, more, count);
  const records = await host.runStages();
  await host.close();
  return { host, last: records.at(-1) };
}

const prepare = (target: string): Promise<Run> => run(target, '');
const cleanUp = (target: string, count = COUNT): Promise<Run> =>
  run(target, ', cleanup_only: true', count);

function loseCaches(): void {
  rmSync(join(suite.path, 'cache'), { recursive: true, force: true });
}

const data = (name = ''): string => join(suite.path, 'data', name);
const nameOf = (index: number): string => `prepared-${String(index).padStart(8, '0')}.dat`;

describe('a cleanup of files of which nothing is known any more', () => {
  const target = (): string => `file://${suite.path}/data/`;

  beforeEach(async () => {
    await prepare(target());
    loseCaches();
    rmSync(data('.sai3-cache-agent-1.tar.zst'));
  });

  it('deletes those with the content of this dataset, and no others', async () => {
    const theirs = Buffer.alloc(SIZE_BYTES, 'theirs');
    writeFileSync(data(nameOf(3)), theirs);
    // The content of another object of the dataset.
    writeFileSync(data(nameOf(4)), readFileSync(data(nameOf(5))));
    truncateSync(data(nameOf(6)), 0);
    const { host, last } = await cleanUp(target());
    expect(last?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT - 3 });
    expect(readdirSync(data()).filter((name) => name.startsWith('prepared-'))).toEqual(
      [3, 4, 6].map(nameOf),
    );
    expect(readFileSync(data(nameOf(3)))).toEqual(theirs);
    expect(host.notices.join('\n')).toContain('3 objects of unknown origin left');
  });

  it('tells again of those that are left, and forgets the dataset when they are gone', async () => {
    writeFileSync(data(nameOf(3)), 'theirs');
    await cleanUp(target());
    expect(existsSync(join(suite.path, 'cache'))).toBe(true);
    expect(readdirSync(join(suite.path, 'cache'))).toHaveLength(1);
    const { host } = await cleanUp(target());
    expect(host.notices.join('\n')).toContain('1 objects of unknown origin left');
    expect(readdirSync(data()).filter((name) => name.startsWith('prepared-'))).toEqual([nameOf(3)]);
    rmSync(data(nameOf(3)));
    expect((await cleanUp(target())).host.notices).toEqual([]);
    expect(readdirSync(join(suite.path, 'cache'))).toEqual([]);
  });

  it('deletes a file whose writing was interrupted', async () => {
    truncateSync(data(nameOf(6)), 4_500);
    const { host, last } = await cleanUp(target());
    expect(last?.report.tasksDone).toBe(COUNT);
    expect(host.notices).toEqual([]);
    expect(readdirSync(data())).toEqual([]);
  });
});

describe('a cleanup after a prepare stage whose process was killed', () => {
  it('deletes what was made before it could be written down', async () => {
    const count = 40_000;
    const target = `file://${suite.path}/data/`;
    const host = await openRun(target, '', count);
    const running = host.runStages().catch(() => undefined);
    while (readdirSync(data()).length < 500) await pause(5);
    await host.kill();
    void running;
    await cleanUp(target, count);
    const left = readdirSync(data()).filter((name) => name.startsWith('prepared-'));
    // Files into which nothing was written yet show nothing of their origin.
    expect(left.filter((name) => statSync(data(name)).size > 0)).toEqual([]);
    expect(left.length).toBeLessThanOrEqual(4);
  });
});

describe('a cleanup on S3', () => {
  let server: S3TestServer;

  beforeEach(async () => {
    server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
    Object.assign(process.env, server.env);
  });
  afterEach(async () => {
    for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
    await server.stop();
  });

  const target = (): string => `s3://${server.host}/bucket/`;
  const urlOf = (key: string): string => `${server.url}/bucket/${key}`;
  const statusOf = async (key: string): Promise<number> => (await fetch(urlOf(key))).status;
  const CHECKPOINT = '.sai3-cache-agent-1.tar.zst';

  it('deletes of what nothing is known only what has the content of this dataset', async () => {
    await prepare(target());
    loseCaches();
    await fetch(urlOf(CHECKPOINT), { method: 'DELETE' });
    await fetch(urlOf(nameOf(3)), { method: 'PUT', body: Buffer.alloc(SIZE_BYTES, 'theirs') });
    await fetch(urlOf(nameOf(4)), { method: 'PUT', body: 'theirs' });
    const { host, last } = await cleanUp(target());
    expect(last?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT - 2 });
    expect(host.notices.join('\n')).toContain('2 objects of unknown origin left');
    expect([await statusOf(nameOf(3)), await statusOf(nameOf(4))]).toEqual([200, 200]);
    expect([await statusOf(nameOf(2)), await statusOf(nameOf(5))]).toEqual([404, 404]);
  });

  it('says so where it may not look, and keeps what is known', async () => {
    await prepare(target());
    loseCaches();
    await fetch(urlOf(CHECKPOINT), { method: 'DELETE' });
    const rule = server.faults.add({
      match: { operation: 'ListObjectsV2' },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const { host, last } = await cleanUp(target());
    expect(last?.report).toMatchObject({ outcome: 'completed', tasksDone: 0 });
    expect(host.notices.join('\n')).toContain('60 objects could not be looked for');
    rule.remove();
    const again = await cleanUp(target());
    expect(again.last?.report.tasksDone).toBe(COUNT);
  });

  it('deletes what a run on another host has made since its last checkpoint', async () => {
    const rule = server.faults.add({
      match: { operation: 'PutObject', key: /prepared-000000[3-5]/ },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    await prepare(target());
    const old = await (await fetch(urlOf(CHECKPOINT))).arrayBuffer();
    rule.remove();
    await prepare(target());
    await fetch(urlOf(CHECKPOINT), { method: 'PUT', body: old });
    loseCaches();
    const resumed = await prepare(target());
    expect(resumed.host.found.at(-1)).toEqual({ existing: COUNT, missing: 0 });
    const { host, last } = await cleanUp(target());
    expect(last?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT });
    expect(host.notices).toEqual([]);
  });
});
