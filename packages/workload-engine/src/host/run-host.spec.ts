import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { OperationStats } from '@sai3bench/stats';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, stageList, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const suite = hostSuite();

async function openHost(yaml: string, agentCount = 1): Promise<TestHost> {
  return suite.open(planOf(yaml, agentCount));
}

function byName(records: readonly StageRecord[], name: string): StageRecord {
  const record = records.find((each) => each.name === name);
  if (record === undefined) throw new Error(`no stage ${name}`);
  return record;
}

/** Stops a run when so many intervals of its stage were told of. */
function stopAfter(intervals: number, host: TestHost): void {
  const timer = setInterval(() => {
    if (host.progress.length < intervals) return;
    clearInterval(timer);
    host.stop();
  }, 5);
}

function filesBelow(path: string): string[] {
  return existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
}

describe('an I/O process', () => {
  it('prepares, executes and cleans up files, and leaves nothing', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 3
prepare: {ensure_objects: [{base_uri: base/, count: 200, size_spec: 4KiB}]}
workload:
  - {op: get, path: "base/*", weight: 2}
  - {op: put, path: new/, object_size: 1KiB, weight: 2}
  - {op: stat, path: "base/", weight: 1}
  - {op: list, path: "base/", weight: 1}
distributed: {stages: ${stageList('prepare', 300, 'cleanup')}}
`);
    const [prepare] = await host.runStages([0]);
    expect(prepare?.report).toMatchObject({
      outcome: 'completed',
      tasksDone: 200,
      tasksTotal: 200,
    });
    const prepared = readdirSync(join(suite.path, 'data/base'));
    expect(prepared.filter((name) => name.startsWith('prepared-'))).toHaveLength(200);
    expect(prepared).toContain('prepared-00000199.dat');
    expect(statSync(join(suite.path, 'data/base/prepared-00000000.dat')).size).toBe(4096);

    const [execute] = await host.runStages([1]);
    expect(execute?.report.outcome).toBe('completed');
    expect(execute?.stats.errors()).toBe(0);
    const puts = execute?.stats.ofOperation('PUT').operations ?? 0;
    expect(readdirSync(join(suite.path, 'data/new'))).toHaveLength(puts);
    for (const operation of ['GET', 'PUT', 'STAT', 'LIST'] as const) {
      expect(execute?.stats.ofOperation(operation).operations).toBeGreaterThan(0);
    }

    const [cleanup] = await host.runStages([2]);
    expect(cleanup?.report).toMatchObject({ outcome: 'completed', tasksTotal: 200 + puts });
    expect(cleanup?.stats.ofOperation('DELETE').operations).toBe(200 + puts);
    await host.close();
    expect(existsSync(join(suite.path, 'data'))).toBe(false);
  });

  it('reports every interval once: they add up to the final report', async () => {
    const host = await openHost(`
target: "null:"
concurrency: 2
duration: 1h
workload: [{op: put, path: x/, object_size: 4KiB, weight: 1}, {op: list, path: y/, weight: 1}]
`);
    const records = await host.runStages([0, 1], (stage) => {
      if (stage === 1) stopAfter(2, host);
    });
    const execute = byName(records, 'execute');
    const summed = new OperationStats();
    for (const { stats } of execute.progress) summed.add(stats);
    expect(summed.toDelta()).toEqual(execute.stats.toDelta());
    const intervals = execute.progress.map(({ interval }) => interval);
    expect(intervals.length).toBeGreaterThan(2);
    expect(intervals).toEqual([...new Set(intervals)].toSorted((a, b) => a - b));
    expect(execute.report.endpoints[0]?.requests).toBe(execute.stats.operationCount());
  });

  it('writes the same bytes for the same object in every run', async () => {
    const yaml = `
target: file://${suite.path}/data/
concurrency: 2
prepare: {ensure_objects: [{count: 3, size_spec: {type: uniform, min: 100, max: 20000}}]}
`;
    const contents = async (): Promise<Buffer[]> => {
      const host = await openHost(yaml);
      await host.runStages();
      await host.close();
      return [0, 1, 2].map((index) =>
        readFileSync(join(suite.path, `data/prepared-0000000${String(index)}.dat`)),
      );
    };
    const first = await contents();
    expect(await contents()).toEqual(first);
    expect(first[0]?.equals(first[1] ?? Buffer.alloc(0))).toBe(false);
  });

  it('deletes only objects of its own, each once, and never reads one that it deletes', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 4
prepare: {ensure_objects: [{count: 100, size_spec: 10}]}
workload:
  - {op: delete, path: "prepared-*", weight: 1}
  - {op: get, path: "prepared-*", weight: 1}
distributed: {stages: ${stageList('prepare', 400, 'cleanup')}}
`);
    const foreign = join(suite.path, 'data/foreign');
    mkdirSync(join(suite.path, 'data'));
    writeFileSync(foreign, 'not ours');
    const [prepare, execute] = await host.runStages([0, 1]);
    expect(prepare?.stats.ofOperation('PUT').operations).toBe(200);
    expect(execute?.stats.errors()).toBe(0);
    expect(execute?.stats.ofOperation('DELETE').operations).toBe(100);
    expect(execute?.stats.ofOperation('GET').operations).toBe(300);
    await host.runStages([2]);
    await host.close();
    expect(filesBelow(join(suite.path, 'data'))).toEqual(['foreign']);
  });

  it('mixes everything for a while without a single false 404, though objects are deleted and put meanwhile', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 6
dynamic_put_pool: true
prepare: {ensure_objects: [{base_uri: d/, count: 4000, size_spec: 100}]}
workload:
  - {op: get, path: "d/deletable-*", weight: 3, access: zipf}
  - {op: stat, path: "d/deletable-*", weight: 2, access: {type: hotspot, objects: 10%, share: 90%}}
  - {op: delete, path: "d/*", weight: 2, access: shuffled, concurrency: 2}
  - {op: get, path: "d/prepared-*", weight: 2, access: shuffled}
  - {op: put, path: new/, size_spec: {type: uniform, min: 1, max: 3000}, weight: 3}
  - {op: get, path: "new/*", weight: 3}
  - {op: stat, path: "new/", weight: 1, concurrency: 1}
  - {op: list, path: "d/", weight: 0}
  - {op: list, path: "nothing/", weight: 1}
distributed: {stages: ${stageList('prepare', 30_000, 'cleanup')}}
`);
    const records = await host.runStages();
    for (const { report, stats } of records) {
      expect(report.errors).toEqual([]);
      expect(report.outcome).toBe('completed');
      expect(stats.errors()).toBe(0);
    }
    const { stats } = byName(records, 'execute');
    for (const operation of ['GET', 'PUT', 'STAT', 'LIST', 'DELETE'] as const) {
      expect(stats.ofOperation(operation).operations).toBeGreaterThan(100);
    }
    await host.close();
    expect(existsSync(join(suite.path, 'data'))).toBe(false);
  });

  it('does not read what it has listed and then deleted', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 2
prepare: {ensure_objects: [{count: 200, size_spec: 10}]}
workload:
  - {op: get, path: "*5.dat", weight: 1}
  - {op: delete, path: "prepared-*", weight: 1}
distributed: {stages: ${stageList('prepare', 1_000)}}
`);
    const execute = byName(await host.runStages(), 'execute');
    expect(execute.stats.errors()).toBe(0);
    expect(execute.stats.ofOperation('DELETE').operations).toBe(200);
    expect(execute.stats.ofOperation('GET').operations).toBe(800);
  });

  it('has the exact mix with several threads, also when operations wait for a limit of their own', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 4
prepare: {ensure_objects: [{count: 10, size_spec: 100}]}
workload:
  - {op: get, path: "*", weight: 5}
  - {op: stat, path: "*", weight: 3, concurrency: 2}
  - {op: list, path: "none/", weight: 2}
distributed: {stages: ${stageList('prepare', 5_000)}}
`);
    const { stats } = byName(await host.runStages(), 'execute');
    const total = stats.operationCount();
    // A pass has ten cards; those of the last one, and turns that are owed, may not all have been played.
    const slack = Math.max(10, total / 50);
    expect(Math.abs(stats.ofOperation('GET').operations - 0.5 * total)).toBeLessThan(slack);
    expect(Math.abs(stats.ofOperation('STAT').operations - 0.3 * total)).toBeLessThan(slack);
    expect(Math.abs(stats.ofOperation('LIST').operations - 0.2 * total)).toBeLessThan(slack);
  });

  it('reads what an earlier stage has put, but not what a cleanup has deleted', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 3
dynamic_put_pool: true
workload:
  - {op: put, path: new/, object_size: 10, weight: 1}
  - {op: get, path: "new/*", weight: 1}
distributed:
  stages:
    - {name: one, order: 1, type: hybrid, max_duration: 1h, expected_tasks: 200}
    - {name: two, order: 2, type: hybrid, max_duration: 1h, expected_tasks: 200}
    - {name: wipe, order: 3, type: cleanup}
    - {name: three, order: 4, type: hybrid, max_duration: 1h, expected_tasks: 200}
`);
    const records = await host.runStages();
    for (const { report, stats } of records) {
      expect(report.errors).toEqual([]);
      expect(stats.errors()).toBe(0);
    }
    expect(byName(records, 'three').stats.ofOperation('GET').operations).toBeGreaterThan(10);
  });

  it('reads what is there when nothing is prepared', async () => {
    mkdirSync(join(suite.path, 'old/deep'), { recursive: true });
    writeFileSync(join(suite.path, 'old/a.bin'), 'abc');
    writeFileSync(join(suite.path, 'old/deep/b.bin'), 'abcdef');
    writeFileSync(join(suite.path, 'old/c.txt'), 'x');
    const host = await openHost(`
target: file://${suite.path}/
concurrency: 1
workload: [{op: get, path: "old/**.bin", weight: 1}]
distributed: {stages: ${stageList(100)}}
`);
    const execute = byName(await host.runStages(), 'execute');
    expect(execute.stats.errors()).toBe(0);
    const { bytes, operations } = execute.stats.ofOperation('GET');
    expect(bytes / operations).toBeGreaterThan(3);
    expect(bytes / operations).toBeLessThan(6);
  });

  it('says so when there is nothing to read', async () => {
    const host = await openHost(`
target: file://${suite.path}/
workload: [{op: get, path: "nothing-*", weight: 1}]
`);
    await expect(host.runStages([1])).rejects.toThrow('no object matches');
  });

  it('notices an object that was truncated behind its back', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 1
prepare: {ensure_objects: [{count: 1, size_spec: 4KiB}]}
workload: [{op: get, path: "*", weight: 1}]
distributed: {stages: ${stageList('prepare', 10)}}
`);
    await host.runStages([0]);
    writeFileSync(join(suite.path, 'data/prepared-00000000.dat'), 'short');
    const [execute] = await host.runStages([1]);
    expect(execute?.report.outcome).toBe('failed');
    expect(execute?.report.errors[0]).toMatchObject({
      code: 'INTEGRITY_LENGTH',
      class: 'integrity',
    });
  });

  it('gives a stage up whose operations all fail, and says why', async () => {
    writeFileSync(join(suite.path, 'data'), 'a file in the way');
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 2
prepare: {ensure_objects: [{count: 100000, size_spec: 10}]}
`);
    host.startOver = true;
    const prepare = byName(await host.runStages(), 'prepare');
    expect(prepare.report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_GIVEN_UP', causes: [expect.stringContaining('ENOTDIR')] },
    });
    expect(prepare.stats.errors()).toBeLessThan(1000);
  });

  it('says when there was nothing left to delete, and fails a stage that began with nothing', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 2
prepare: {ensure_objects: [{count: 50, size_spec: 10}]}
workload: [{op: delete, path: "prepared-*", weight: 1}]
distributed:
  stages:
    - {name: fill, order: 1, type: prepare}
    - {name: first, order: 2, type: execute, duration: 1h}
    - {name: second, order: 3, type: execute, duration: 1h}
`);
    const records = await host.runStages();
    const first = byName(records, 'first');
    expect(first.stats.ofOperation('DELETE').operations).toBe(50);
    expect(first.report).toMatchObject({
      outcome: 'completed',
      failure: {
        code: 'STAGE_RAN_DRY',
        message: expect.stringContaining('no object of this run was left to delete'),
      },
    });
    expect(byName(records, 'second').report).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('no object of this run to delete') },
    });
  });

  it('carries out every operation on a store that does nothing', async () => {
    const host = await openHost(`
target: "null:"
concurrency: 3
prepare: {ensure_objects: [{count: 5000, size_spec: {type: uniform, min: 1, max: 9MiB}}]}
workload:
  - {op: get, path: "prepared-*", weight: 1}
  - {op: put, path: new/, object_size: 5MiB, weight: 1}
  - {op: stat, path: "prepared-*", weight: 1}
  - {op: list, path: "prepared-", weight: 1}
  - {op: delete, path: "prepared-*", weight: 1}
distributed: {stages: ${stageList('prepare', 500, 'cleanup')}}
`);
    const records = await host.runStages();
    for (const { report, stats } of records) {
      expect(report.outcome).toBe('completed');
      expect(stats.errors()).toBe(0);
    }
    for (const operation of ['GET', 'PUT', 'STAT', 'LIST', 'DELETE'] as const) {
      const { operations } = byName(records, 'execute').stats.ofOperation(operation);
      expect(operations).toBeGreaterThan(0);
    }
    await host.close();
  });

  it('fails a cleanup that has to leave a directory, and says why it is not empty', async () => {
    const host = await openHost(`
target: file://${suite.path}/data/
concurrency: 2
prepare: {ensure_objects: [{base_uri: deep/er/, count: 10, size_spec: 10}], cleanup: true}
`);
    await host.runStages([0, 1]);
    writeFileSync(join(suite.path, 'data/deep/foreign'), 'not ours');
    const [cleanup] = await host.runStages([2]);
    expect(cleanup?.report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_INCOMPLETE', message: '2 directories could not be removed' },
      errors: [{ operation: 'RMDIR', code: 'FILE_ENOTEMPTY', count: 2 }],
    });
    expect(cleanup?.report.errors[0]?.key).toBe(join(suite.path, 'data/deep'));
    expect(cleanup?.stats.errors('RMDIR')).toBe(2);
    expect(cleanup?.stats.ofOperation('DELETE').operations).toBe(10);
    expect(filesBelow(join(suite.path, 'data'))).toEqual(['deep', 'deep/foreign']);
    await host.close();
  });

  it('waits with directories for other agents until the end of the run, and then reports what is left', async () => {
    const host = await openHost(
      `
target: file://${suite.path}/data/
concurrency: 1
prepare: {ensure_objects: [{count: 10, size_spec: 10}], cleanup: true}
distributed: {shared_filesystem: true}
`,
      2,
    );
    await host.runStages([0, 1]);
    writeFileSync(join(suite.path, 'data/of-another-agent'), '');
    const [cleanup] = await host.runStages([2]);
    expect(cleanup?.report).toMatchObject({ outcome: 'completed', tasksDone: 5 });
    await expect(host.close()).rejects.toMatchObject({
      message: '1 directory could not be removed',
      record: { code: 'CLEANUP_INCOMPLETE', key: join(suite.path, 'data') },
    });
  });

  it('stops at once when it is told to, with what was done so far', async () => {
    const host = await openHost(`
target: "null:"
concurrency: 2
duration: 1h
workload: [{op: put, path: x/, object_size: 4KiB, weight: 1}]
`);
    const [execute] = await host.runStages([1], () => {
      stopAfter(1, host);
    });
    expect(execute?.report.outcome).toBe('stopped');
    expect(execute?.stats.operationCount()).toBeGreaterThan(0);
    expect(execute?.stats.errors()).toBe(0);
  });

  it('never reads on S3 what is not there, though answers come late and in any order', async () => {
    const s3 = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
    s3.faults.add({
      match: { probability: 0.5 },
      fault: { kind: 'latency', ms: { exponential: { mean: 5 } } },
    });
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' });
    try {
      const host = await openHost(`
target: ${s3.url.replace('http:', 's3+http:')}/bucket/x/
concurrency: 64
dynamic_put_pool: true
prepare: {ensure_objects: [{base_uri: d/, count: 3000, size_spec: 100}]}
workload:
  - {op: get, path: "d/deletable-*", weight: 4, access: {type: hotspot, objects: 2%, share: 60%}}
  - {op: stat, path: "d/deletable-*", weight: 2}
  - {op: delete, path: "d/*", weight: 3}
  - {op: put, path: new/, size_spec: {type: uniform, min: 1, max: 3000}, weight: 3, concurrency: 8}
  - {op: get, path: "new/*", weight: 3, concurrency: 4}
distributed: {stages: ${stageList('prepare', 6_000, 'cleanup')}}
`);
      const records = await host.runStages();
      for (const { report, stats } of records) {
        expect(report.errors).toEqual([]);
        expect(stats.errors()).toBe(0);
      }
      const { stats } = byName(records, 'execute');
      expect(stats.ofOperation('DELETE').operations).toBeGreaterThan(50);
      await host.close();
      const { answers } = s3.stats();
      // The checkpoint, which there is none of yet, was looked for.
      expect(answers['404']).toBe(1);
    } finally {
      await s3.stop();
    }
  });

  it('works on S3: prepares, mixes, cleans up', async () => {
    const s3 = await startS3TestServer({ buckets: ['bucket'] });
    Object.assign(process.env, s3.env);
    try {
      const host = await openHost(`
target: s3://${s3.host}/bucket/x/
concurrency: 4
prepare: {ensure_objects: [{base_uri: d/, count: 20, size_spec: 4KiB}]}
workload:
  - {op: get, path: "d/*", weight: 1}
  - {op: put, path: n/, object_size: 1KiB, weight: 1}
  - {op: stat, path: "d/*", weight: 1}
distributed: {stages: ${stageList('prepare', 200, 'cleanup')}}
`);
      const records = await host.runStages();
      for (const { report, stats } of records) {
        expect(report.outcome).toBe('completed');
        expect(stats.errors()).toBe(0);
      }
      const { stats } = byName(records, 'execute');
      expect(stats.ofOperation('GET').bytes).toBe(stats.ofOperation('GET').operations * 4096);
      expect(byName(records, 'cleanup').stats.ofOperation('DELETE').operations).toBe(
        20 + stats.ofOperation('PUT').operations,
      );
      await host.close();
    } finally {
      await s3.stop();
    }
  });
});
