import { describe, expect, it } from '@jest/globals';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf } from '../testing/run-plan.ts';

const suite = hostSuite();

/** A hybrid stage on `null://` with these keys. */
function hybrid(keys: string, concurrency = 8): string {
  return `
target: "null:"
concurrency: ${String(concurrency)}
workload:
  - {op: put, path: new/, object_size: 100, weight: 3}
  - {op: list, path: new/, weight: 1, concurrency: 1}
distributed: {stages: [{name: both, type: hybrid, ${keys}}]}
`;
}

describe('a hybrid stage', () => {
  it.each([1, 7, 1000, 20_011])('ends with exactly %i operations', async (tasks) => {
    const keys = `max_duration: 1h, expected_tasks: ${String(tasks)}`;
    const host = await suite.open(planOf(hybrid(keys)), 3);
    const [record] = await host.runStages();
    expect(record?.report).toMatchObject({
      outcome: 'completed',
      tasksDone: tasks,
      tasksTotal: tasks,
    });
    expect(record?.report.failure).toBeUndefined();
    expect(record?.stats.operationCount()).toBe(tasks);
  });

  it('ends with its time when there is more to do than that', async () => {
    const keys = 'max_duration: 300ms, expected_tasks: 1_000_000_000';
    const host = await suite.open(planOf(hybrid(keys)));
    const [record] = await host.runStages();
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksTotal: 1_000_000_000 });
    expect(record?.report.tasksDone).toBe(record?.stats.operationCount());
    expect(record?.report.tasksDone).toBeLessThan(1_000_000_000);
    expect(record?.progress.at(-1)?.elapsedMs).toBeGreaterThanOrEqual(300);
  });

  it('ends with its time alone where no tasks are expected', async () => {
    const host = await suite.open(planOf(hybrid('max_duration: 300ms')));
    const [record] = await host.runStages();
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksTotal: 0 });
    expect(record?.progress.at(-1)?.elapsedMs).toBeGreaterThanOrEqual(300);
  });

  it('is shared out over the agents, down to nothing', async () => {
    const shares = [0, 1, 2].map((index) => planOf(hybrid('expected_tasks: 2'), 3, {}, index));
    expect(shares.map(({ stages }) => stages[0]?.operations)).toEqual([0, 1, 1]);
    for (const plan of shares) {
      const host = await suite.open(plan);
      const [record] = await host.runStages();
      expect(record?.report.outcome).toBe('completed');
      expect(record?.stats.operationCount()).toBe(plan.stages[0]?.operations);
    }
  });

  it('counts an operation that fails as done', async () => {
    const text = `
target: file://${suite.path}/
concurrency: 4
workload:
  - {op: stat, path: gone, weight: 1}
  - {op: put, path: new, object_size: 10, weight: 1}
distributed: {shared_filesystem: true, stages: [{name: both, type: hybrid, expected_tasks: 40}]}
`;
    const host = await suite.open(planOf(text));
    const [record] = await host.runStages();
    const { errors, operations } = {
      errors: record?.stats.errors() ?? 0,
      operations: record?.stats.operationCount() ?? 0,
    };
    expect(errors).toBeGreaterThan(0);
    expect(errors + operations).toBe(40);
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksDone: 40 });
  });
});
