import { existsSync, mkdirSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord, type TestHost } from '../testing/run-plan.ts';
import { checkedServers } from '../testing/s3-checks.ts';

const suite = hostSuite();
const serve = checkedServers();

/** A workload with stages of these types, each of which may come several times. */
function epochs(types: readonly string[]): string {
  const stages = types.map((type, index) => {
    const mix = 'type: hybrid, max_duration: 1h, expected_tasks: 100';
    return `{name: ${type}-${String(index)}, ${type === 'execute' ? mix : `type: ${type}`}}`;
  });
  return `
target: file://${suite.path}/
concurrency: 4
prepare: {ensure_objects: [{base_uri: data/, count: 40, size_spec: 100}]}
workload:
  - {op: get, path: data/, weight: 3}
  - {op: put, path: new/, object_size: 100, weight: 1}
distributed: {stages: [${stages.join(', ')}]}
`;
}

/** How many files there are, checkpoints aside. */
function filesIn(name: string): number {
  const path = join(suite.path, name);
  if (!existsSync(path)) return 0;
  return readdirSync(path).filter((file) => !file.startsWith('.')).length;
}

describe('a run of several epochs', () => {
  it('makes, measures and removes its objects as often as it is told to', async () => {
    const types = ['prepare', 'execute', 'cleanup', 'prepare', 'execute', 'execute', 'cleanup'];
    const host = await suite.open(planOf(epochs(types)));
    const left: { prepared: number; put: number }[] = [];
    for (const index of types.keys()) {
      const [record] = await host.runStages([index]);
      expect(record?.report.outcome).toBe('completed');
      expect(record?.report.failure).toBeUndefined();
      expect(record?.stats.errors()).toBe(0);
      left.push({ prepared: filesIn('data'), put: filesIn('new') });
    }
    expect(left.map(({ prepared }) => prepared)).toEqual([40, 40, 0, 40, 40, 40, 0]);
    expect(left.map(({ put }) => put > 0)).toEqual([false, true, false, false, true, true, false]);
    await host.close();
    expect(readdirSync(suite.path)).toEqual([]);
  });

  it('makes in a second prepare only what is missing', async () => {
    const host = await suite.open(planOf(epochs(['prepare', 'execute', 'prepare'])));
    await host.runStages();
    expect(host.found).toEqual([
      { existing: 0, missing: 40 },
      { existing: 0, missing: 0 },
      { existing: 40, missing: 0 },
    ]);
  });
});

describe('a validation stage', () => {
  it('may come anywhere, and tells what is known of the objects', async () => {
    const types = ['validation', 'prepare', 'validation', 'cleanup', 'validation'];
    const host = await suite.open(planOf(epochs(types)));
    const records = await host.runStages();
    expect(records.map(({ report }) => report.outcome)).toEqual(types.map(() => 'completed'));
    expect(host.coverage).toEqual([
      expect.stringContaining('data/prepared-*: 0 of 40 (0%)'),
      expect.stringContaining('data/prepared-*: 40 of 40 (100%): 40 made'),
      expect.stringContaining('data/prepared-*: 40 of 40 (100%): 40 deleted'),
    ]);
  });
});

/** A run that puts 100 objects and cleans up, puts 60 and cleans up, and cleans up. */
async function openPuts(target: string): Promise<TestHost> {
  const mix = 'type: hybrid, max_duration: 1h';
  return suite.open(
    planOf(`
target: ${target}
concurrency: 4
workload: [{op: put, path: new/, object_size: 100, weight: 1}]
distributed:
  stages:
    - {name: put-1, ${mix}, expected_tasks: 100}
    - {name: cleanup-1, type: cleanup}
    - {name: put-2, ${mix}, expected_tasks: 60}
    - {name: cleanup-2, type: cleanup}
    - {name: cleanup-3, type: cleanup}
`),
  );
}

/** What cleanup stages have deleted, and what they had to. */
function deletions(records: readonly StageRecord[]): { deleted: number; tasks: number }[] {
  return records
    .filter(({ name }) => name.startsWith('cleanup'))
    .map(({ report, stats }) => ({
      deleted: stats.ofOperation('DELETE').operations,
      tasks: report.tasksTotal,
    }));
}

describe('a cleanup after what an earlier one has deleted', () => {
  const EACH_ITS_OWN = [100, 60, 0].map((count) => ({ deleted: count, tasks: count }));

  it('deletes and counts on files only what was put since', async () => {
    const host = await openPuts(`file://${suite.path}/`);
    expect(deletions(await host.runStages())).toEqual(EACH_ITS_OWN);
    expect(filesIn('new')).toBe(0);
  });

  it('deletes and counts on S3 only what was put since', async () => {
    const s3 = await serve();
    const host = await openPuts(s3.target());
    expect(deletions(await host.runStages())).toEqual(EACH_ITS_OWN);
    expect(await s3.keys()).toEqual([]);
  });

  it('deletes on files what the earlier one could not', async () => {
    const host = await openPuts(`file://${suite.path}/`);
    await host.runStages([0]);
    const [name = ''] = readdirSync(join(suite.path, 'new'));
    const path = join(suite.path, 'new', name);
    rmSync(path);
    mkdirSync(path);
    const [failed] = await host.runStages([1]);
    expect(failed?.report).toMatchObject({ outcome: 'failed', tasksDone: 99 });
    rmdirSync(path);
    writeFileSync(path, 'as it was put');
    const [, second] = await host.runStages([2, 3]);
    expect(second?.report).toMatchObject({ outcome: 'completed', tasksTotal: 160 });
    expect(filesIn('new')).toBe(0);
    expect(deletions(await host.runStages([4]))).toEqual([{ deleted: 0, tasks: 0 }]);
  });

  it('deletes on S3 what the earlier one could not', async () => {
    const s3 = await serve();
    const host = await openPuts(s3.target());
    s3.server.faults.add({
      match: { operation: 'DeleteObjects' },
      fault: { kind: 'key-errors', code: 'AccessDenied', keys: /-3$/ },
    });
    const [, failed] = await host.runStages([0, 1]);
    expect(failed?.report.outcome).toBe('failed');
    expect(await s3.keys()).not.toEqual([]);
    s3.server.faults.clear();
    const [, second] = await host.runStages([2, 3]);
    expect(second?.report).toMatchObject({ outcome: 'completed', tasksTotal: 160 });
    expect(await s3.keys()).toEqual([]);
    expect(deletions(await host.runStages([4]))).toEqual([{ deleted: 0, tasks: 0 }]);
  });
});
