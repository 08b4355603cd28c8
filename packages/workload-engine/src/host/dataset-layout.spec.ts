import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import type { ErrorGroup } from '../stage/error-journal.ts';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, stageList, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const suite = hostSuite();

async function openHost(yaml: string): Promise<TestHost> {
  return suite.open(planOf(yaml));
}

/** Every file below a directory but the checkpoint, by its path from there. */
function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.sai3-cache-'))
    .map(({ name, parentPath }) => join(parentPath, name).slice(path.length));
}

/** What failed in stages, so that a failed test tells it. */
const errorsOf = (records: readonly StageRecord[]): readonly ErrorGroup[] =>
  records.flatMap(({ report }) => report.errors);

const TREE = 'directory_structure: {width: 3, depth: 2, files_per_dir: 5}';
const MIX = `
workload:
  - {op: get, path: "base/*", weight: 2}
  - {op: stat, path: "base/prepared-*.dat", weight: 1}
  - {op: delete, path: base/, weight: 1}
  - {op: put, path: new/, object_size: 1KiB, weight: 1}
`;

describe('a directory tree', () => {
  it('is prepared, read, deleted from and cleaned up as files, and leaves nothing', async () => {
    const data = join(suite.path, 'data/');
    const host = await openHost(`
target: file://${data}
concurrency: 3
prepare: {${TREE}, ensure_objects: [{base_uri: base/, size_spec: 2KiB}]}
${MIX}
distributed: {stages: ${stageList('prepare', 500, 'cleanup')}}
`);
    const prepared = await host.runStages([0]);
    const files = filesBelow(data);
    expect(files).toHaveLength(90);
    expect(files).toContain('base/sai3bench.d1_w1.dir/sai3bench.d2_w1.dir/file_00000000.dat');
    expect(files).toContain('base/sai3bench.d1_w3.dir/sai3bench.d2_w3.dir/file_00000044.dat');
    expect(files).toContain(
      'base/deletable/sai3bench.d1_w3.dir/sai3bench.d2_w3.dir/file_00000044.dat',
    );
    const executed = await host.runStages([1]);
    const left = filesBelow(data).filter((file) => file.startsWith('base/'));
    expect(left.filter((file) => file.startsWith('base/deletable/'))).toHaveLength(0);
    expect(left).toHaveLength(45);
    for (const operation of ['GET', 'STAT', 'DELETE', 'PUT'] as const) {
      expect(executed[0]?.stats.ofOperation(operation).operations).toBeGreaterThan(0);
    }
    const cleaned = await host.runStages([2]);
    expect(errorsOf([...prepared, ...executed, ...cleaned])).toEqual([]);
    await host.close();
    expect(existsSync(data)).toBe(false);
  });

  it('has files in every directory where it is told so', async () => {
    const host = await openHost(`
target: file://${suite.path}/
concurrency: 2
prepare:
  directory_structure: {width: 2, depth: 2, files_per_dir: 1, distribution: all, dir_mask: l%d-%d}
  ensure_objects: [{size_spec: 1}]
`);
    await host.runStages();
    expect(filesBelow(suite.path).toSorted()).toEqual([
      '/l1-1/file_00000000.dat',
      '/l1-1/l2-1/file_00000002.dat',
      '/l1-1/l2-2/file_00000003.dat',
      '/l1-2/file_00000001.dat',
      '/l1-2/l2-1/file_00000004.dat',
      '/l1-2/l2-2/file_00000005.dat',
    ]);
    await host.close();
  });

  it('is prepared, read and cleaned up as S3 objects, and leaves nothing', async () => {
    const s3 = await startS3TestServer({ buckets: ['bucket'] });
    Object.assign(process.env, s3.env);
    try {
      const host = await openHost(`
target: s3://${s3.host}/bucket/x/
concurrency: 4
prepare: {${TREE}, ensure_objects: [{base_uri: base/, size_spec: 100}]}
${MIX}
  - {op: list, path: base/sai3bench.d1_w2.dir/, weight: 1}
distributed: {stages: ${stageList('prepare', 500, 'cleanup')}}
`);
      const records = await host.runStages();
      expect(records.map(({ report }) => report.outcome)).toEqual(records.map(() => 'completed'));
      expect(errorsOf(records)).toEqual([]);
      expect(records[0]?.stats.ofOperation('PUT').operations).toBe(90);
      const puts = records[1]?.stats.ofOperation('PUT').operations ?? 0;
      const deletes = records[1]?.stats.ofOperation('DELETE').operations ?? 0;
      expect(records[2]?.stats.ofOperation('DELETE').operations).toBe(90 + puts - deletes);
      await host.close();
    } finally {
      await s3.stop();
    }
  });
});

describe('shards', () => {
  it('spread prepared objects and those that are put, and are cleaned up', async () => {
    const data = join(suite.path, 'data/');
    const host = await openHost(`
target: file://${data}
concurrency: 2
prepare: {key_prefix_shards: 4, ensure_objects: [{base_uri: base/, count: 10, size_spec: 100}]}
${MIX}
distributed: {stages: ${stageList('prepare', 200, 'cleanup')}}
`);
    const prepared = await host.runStages([0]);
    expect(readdirSync(join(data, 'base')).toSorted()).toEqual([
      '.sai3-cache-agent-1.tar.zst',
      ...['00', '01', '02', '03'],
    ]);
    expect(readdirSync(join(data, 'base/02')).toSorted()).toEqual([
      'deletable-00000002.dat',
      'deletable-00000006.dat',
      'prepared-00000002.dat',
      'prepared-00000006.dat',
    ]);
    const executed = await host.runStages([1]);
    const puts = executed[0]?.stats.ofOperation('PUT').operations ?? 0;
    expect(readdirSync(join(data, 'new')).toSorted()).toEqual(['00', '01', '02', '03']);
    expect(filesBelow(join(data, 'new/'))).toHaveLength(puts);
    const cleaned = await host.runStages([2]);
    expect(errorsOf([...prepared, ...executed, ...cleaned])).toEqual([]);
    await host.close();
    expect(existsSync(data)).toBe(false);
  });
});

describe('weighted sizes', () => {
  it('are those that objects get and reads expect', async () => {
    const host = await openHost(`
target: file://${suite.path}/
concurrency: 2
prepare:
  ensure_objects:
    - {count: 40, size_spec: {type: weighted, buckets: [{size: 100, weight: 1}, {min: 2000, max: 3000, weight: 1}]}}
workload: [{op: get, path: "*", weight: 1}]
distributed: {stages: ${stageList('prepare', 200)}}
`);
    expect(errorsOf(await host.runStages())).toEqual([]);
    await host.close();
  });
});
