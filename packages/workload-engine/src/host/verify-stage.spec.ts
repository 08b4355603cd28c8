import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, stageList, type StageRecord } from '../testing/run-plan.ts';

const suite = hostSuite();
const servers: S3TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function stagesOf(yaml: string, verifyOnly: boolean): Promise<StageRecord[]> {
  const host = await suite.open(planOf(yaml, 1, { verifyOnly }));
  const records = await host.runStages();
  await host.close();
  return records;
}

async function verified(yaml: string): Promise<StageRecord> {
  const record = (await stagesOf(yaml, true)).at(-1);
  if (record === undefined) throw new RangeError('there is no stage');
  return record;
}

describe('a verify stage', () => {
  it.each(['file', 'direct'])(
    'finds everything right on %s:// over several sets, and what is spoilt afterwards',
    async (scheme) => {
      const { path } = suite;
      mkdirSync(join(path, 'data'));
      const yaml = `
target: ${scheme}://${path}/data/
concurrency: 4
distributed: {kv_cache_dir: ${path}/cache}
prepare:
  ensure_objects:
    - {base_uri: a/, count: 40, size_spec: {type: uniform, min: 1, max: 100000}}
    - {base_uri: b/, count: 30, size_spec: 9000, compress_factor: 3, dedup_factor: 2}
`;
      await stagesOf(yaml, false);
      expect((await verified(yaml)).report).toMatchObject({
        outcome: 'completed',
        tasksDone: 70,
        tasksTotal: 70,
        errors: [],
      });
      const place = (name: string): string => join(path, 'data', name);
      rmSync(place('a/prepared-00000001.dat'));
      truncateSync(place('b/prepared-00000002.dat'), 4_096);
      writeFileSync(place('b/prepared-00000003.dat'), Buffer.alloc(9_000));
      const before = readdirSync(place('.'), { recursive: true });
      const { report, stats } = await verified(yaml);
      expect(report).toMatchObject({
        outcome: 'failed',
        tasksDone: 70,
        failure: {
          code: 'VERIFY_FAILED',
          class: 'integrity',
          message:
            '3 of 70 objects are wrong or could not be read: 1 missing (a/prepared-00000001.dat), 1 of another length (b/prepared-00000002.dat), 1 with other content (b/prepared-00000003.dat)',
        },
      });
      expect(stats.ofOperation('GET').operations).toBe(67);
      expect(readdirSync(place('.'), { recursive: true })).toEqual(before);
    },
  );

  it('does not ask for what is known to be deleted, and counts it as missing', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'] });
    servers.push(server);
    Object.assign(process.env, server.env);
    const yaml = `
target: s3://${server.host}/bucket/
concurrency: 4
distributed: {kv_cache_dir: ${suite.path}/cache, stages: ${stageList('prepare', 100)}}
prepare: {ensure_objects: [{base_uri: a/, count: 20, size_spec: 3000}]}
workload:
  - {op: delete, path: a/, weight: 9}
  - {op: stat, path: a/, weight: 1}
`;
    await stagesOf(yaml, false);
    const requests = (): Readonly<Record<string, number>> => server.stats().requests.byOperation;
    const before = { ...requests() };
    const { report, stats } = await verified(yaml);
    expect(report).toMatchObject({ outcome: 'failed', tasksDone: 40, tasksTotal: 40 });
    expect(report.errors).toMatchObject([{ code: 'VERIFY_DELETED', count: 20, endpoint: '' }]);
    expect(stats.ofOperation('GET').operations).toBe(20);
    for (const operation of ['PutObject', 'DeleteObject', 'DeleteObjects']) {
      expect(requests()[operation]).toBe(before[operation]);
    }
  });

  it('goes on to the end though most of the objects are gone', async () => {
    const { path } = suite;
    const yaml = `
target: file://${path}/data/
concurrency: 4
enable_metadata_cache: false
prepare: {ensure_objects: [{base_uri: a/, count: 500, size_spec: 100}]}
`;
    await stagesOf(yaml, false);
    for (const name of readdirSync(join(path, 'data/a')).slice(1)) {
      rmSync(join(path, 'data/a', name));
    }
    const { report, stats } = await verified(yaml);
    expect(report.failure?.message).toMatch(/^499 of 500 .* 499 missing \(a\/prepared-/);
    expect(stats.ofOperation('GET').operations).toBe(1);
  });
});
