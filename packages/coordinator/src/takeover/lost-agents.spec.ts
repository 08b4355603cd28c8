import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { parseTsv } from '@sai3bench/results-dir';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, type FakeRun, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

/** Agents that report one second of the execute stage; `then` follows when the controller has written all of that. */
function reportingOnce(agents: number, then: () => void): FakeBehavior[] {
  const reporting: FakeAgent[] = [];
  let isDone = false;
  return Array.from({ length: agents }, () => ({
    onStage: (agent, stage) => {
      if (stage !== EXECUTE) {
        agent.summary(1, 10);
        return;
      }
      agent.progress(1, 5);
      reporting.push(agent);
    },
    onAcknowledge: () => {
      const areWritten = reporting.every(({ unacknowledged }) => unacknowledged === 0);
      if (isDone || reporting.length < agents || !areWritten) return;
      isDone = true;
      then();
    },
  }));
}

const ofExecute = (table: string): Record<string, string>[] =>
  parseTsv(table).filter(({ stage = 'execute' }) => stage === 'execute');
/** PUTs in a table of results: of the stage, or of an agent. */
const putsIn = (table: string): string | undefined =>
  ofExecute(table).find((row) => row['operation'] === 'PUT')?.['count'];
/** PUTs in rows. */
const putsOfRows = (table: string): number =>
  ofExecute(table).reduce((sum, row) => sum + Number(row['put_ops']), 0);
/** What the stage's table says of an agent. */
const shareOf = ({ read }: FakeRun, agentId: string): string | undefined =>
  new RegExp(`^${agentId}\t.*$`, 'm').exec(read('03_execute_results.tsv'))?.[0];

describe('a controller that takes a run over', () => {
  it('gives an agent up at once that had been started by the controller before, and keeps what it did', async () => {
    const { agents, second } = await killAndTakeOver(run, {
      ownsAgents: true,
      behaviorsOf: ({ kill }) => reportingOnce(1, kill),
    });
    expect(second.outcome).toMatchObject({ kind: 'failed', operations: 7 });
    expect(agents[0]?.attached).toBe(0);
    const why = 'agent-1 was started by the controller of the run, and ended with it';
    expect(second.read('STATUS.txt')).toContain(`agent-1 in stage execute: ${why}`);
    const table = second.read('03_execute_results.tsv');
    expect(table).toContain(`# Partial: agent-1: ${why}\n`);
    expect(table).toContain('# Duration: 1.00s');
    expect(putsIn(table)).toBe('5');
    expect(putsOfRows(second.read('perf_log.tsv'))).toBe(5);
    expect(putsIn(second.read('agents/agent-1/results.tsv'))).toBe('5');
  });

  it('has all results of a run whose agents are lost when its stages are over', async () => {
    const { second } = await killAndTakeOver(run, {
      ownsAgents: true,
      behaviorsOf: ({ kill }) => [
        {
          onFinish: () => {
            kill();
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('cleanup-failed');
    expect(second.outcome.failures.map(({ error }) => error.code)).toEqual(['AGENT_LOST']);
  });

  it('calls the measurement complete when an agent was lost only while all clean up', async () => {
    const CLEANUP = 1;
    const { second } = await killAndTakeOver(run, {
      workload: `
target: s3://b/
duration: 1s
workload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]
distributed:
  shared_filesystem: true
  reconnect_grace: 300ms
  barrier_sync: {enabled: true, cleanup: {type: best_effort, heartbeat_interval: 50ms, missed_threshold: 1000}}
  stages:
    - {name: one, order: 1, type: execute, duration: 1s}
    - {name: wipe, order: 2, type: cleanup}
    - {name: wipe-again, order: 3, type: cleanup}
`,
      behaviorsOf: ({ kill }) => [
        {
          onStage: (agent, stage) => {
            if (stage > CLEANUP) kill();
            else agent.summary(1, 10);
          },
          onAttached: (agent) => agent.summary(1, 10),
        },
        {
          onStage: (agent, stage) => {
            if (stage === CLEANUP) agent.break();
            else agent.summary(1, 10);
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('cleanup-failed');
    expect(second.outcome.failures).toMatchObject([{ agentId: 'agent-2', stage: 'wipe' }]);
  });

  it('gives an agent up at once whose process has ended; the table of the stage equals the rows', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => {
        const [lost, other] = reportingOnce(2, () => {
          child.once('exit', kill);
          child.kill('SIGKILL');
        });
        return [
          { ...lost, process: { hostname: hostname(), processId: child.pid ?? 0 } },
          { ...other, onAttached: (agent) => agent.progress(2, 2) },
        ];
      },
    });
    expect(second.outcome.failures[0]).toMatchObject({
      agentId: 'agent-1',
      error: { code: 'AGENT_LOST', message: 'the process of agent-1 at fake:1 has ended' },
    });
    expect(agents.map(({ attached }) => attached)).toEqual([0, 1]);
    const table = second.read('03_execute_results.tsv');
    const rows = putsOfRows(second.read('perf_log.tsv'));
    expect(putsIn(table)).toBe(String(rows));
    expect(rows).toBeGreaterThanOrEqual(10);
    expect(shareOf(second, 'agent-1')?.split('\t')[3]).toBe('5');
    expect(putsOfRows(second.read('agents/agent-1/perf_log.tsv'))).toBe(5);
    expect(putsIn(second.read('agents/agent-1/results.tsv'))).toBeUndefined();
    expect(table).toMatch(/# Partial: .*; of agent-1 alone, only counts are known\n/);
  });
});
