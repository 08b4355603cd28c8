import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf } from '../testing/run-plan.ts';

const suite = hostSuite();

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
