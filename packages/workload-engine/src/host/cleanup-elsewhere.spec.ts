import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord } from '../testing/run-plan.ts';

const suite = hostSuite();

/** Carries out one stage of the workload as the first of its agents; of several, each has a folder of its own. */
async function run(
  type: 'prepare' | 'cleanup',
  agents: number,
  more = '',
): Promise<{ report: StageRecord['report'] | undefined; notices: string }> {
  const yaml = `
target: file://${suite.path}/
concurrency: 2
prepare: {${more}ensure_objects: [{base_uri: a/, count: 12, size_spec: 100}]}
distributed: {kv_cache_dir: ${suite.path}/cache, stages: [{name: it, type: ${type}}]}
`;
  const { dataSeed, runId } = planOf(yaml);
  const plan = planAgent(parseWorkload(yaml, 'w.yaml'), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: agents, entry: undefined, runId, dataSeed },
  });
  const host = await suite.open(plan, 1);
  const [record] = await host.runStages();
  await host.close();
  return { report: record?.report, notices: host.notices.join() };
}

/** How many objects and checkpoints are below the target. */
function filesIn(folder: string): number {
  const all = readdirSync(join(suite.path, folder), { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).length;
}

describe('a cleanup with another number of agents than objects were made with', () => {
  it('fails where it finds none of its own, says where they are, and leaves them and nothing else', async () => {
    await run('prepare', 2);
    const { report } = await run('cleanup', 1);
    expect(report).toMatchObject({
      ...{ outcome: 'failed', tasksTotal: 0 },
      failure: {
        code: 'OBJECTS_ELSEWHERE',
        message: expect.stringContaining(`12 at file://${suite.path}/agent-1/a/prepared-*`),
        hint: expect.stringContaining('clean up with the agents that made them'),
      },
    });
    expect(filesIn('agent-1')).toBe(13);
    expect(existsSync(join(suite.path, 'a'))).toBe(false);
  });

  it('only warns where it is to do what it can', async () => {
    await run('prepare', 2);
    const { notices, report } = await run('cleanup', 1, 'cleanup_mode: besteffort, ');
    expect(report?.outcome).toBe('completed');
    expect(notices).toContain('clean up with the agents that made them');
  });

  it('deletes what it finds of its own, and warns of the others', async () => {
    await run('prepare', 2);
    await run('prepare', 1);
    const { notices, report } = await run('cleanup', 1);
    expect(report).toMatchObject({ outcome: 'completed', tasksDone: 12 });
    expect(notices).toContain(`12 at file://${suite.path}/agent-1/a/prepared-*`);
    expect(filesIn('agent-1')).toBe(13);
  });
});
