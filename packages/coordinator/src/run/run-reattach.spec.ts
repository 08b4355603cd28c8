import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parseTsv } from '@sai3bench/results-dir';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, fakeRuns, WORKLOAD } from '../testing/fake-runs.ts';

const run = fakeRuns();
/** The grace period is short, so that agents that stay away are lost soon. */
const IMPATIENT = `${WORKLOAD}distributed: {reconnect_grace: 300ms, shared_filesystem: true}\n`;

/** Loses its link in the middle of the execute stage, and does its work all the same. */
const cutInExecute = (rest: Partial<FakeBehavior> = {}): FakeBehavior => ({
  onStage: (agent, stage) => {
    if (stage !== EXECUTE) {
      agent.summary(1, 10);
      return;
    }
    agent.progress(1, 5);
    agent.cut();
    agent.progress(2, 7);
  },
  onAttached: (agent) => {
    agent.progress(3, 4);
    agent.summary(16, 3_000);
  },
  ...rest,
});
const stoppedByHand = new BenchError('the run was stopped: enough', {
  code: 'RUN_STOPPED',
  class: 'internal',
});
const putsOf = (table: string): string | undefined =>
  parseTsv(table).find((row) => row['operation'] === 'PUT')?.['count'];

describe('an agent whose link breaks', () => {
  it('is called again, and nothing is lost or counted twice', async () => {
    const { events, fakes, outcome, read } = await run({ behaviors: [cutInExecute(), {}] });
    expect(outcome.kind).toBe('completed');
    expect(fakes[0]?.attached).toBe(1);
    expect(events).toContainEqual(
      expect.stringMatching(/^warning: the link to agent-1 .* broke: waiting up to .* for it/),
    );
    expect(events).toContain('agentBack: agent-1');
    expect(putsOf(read('03_execute_results.tsv'))).toBe('16');
    const rows = parseTsv(read('agents/agent-1/perf_log.tsv'));
    const ofExecute = rows.filter((row) => row['stage'] === 'execute');
    expect(ofExecute.reduce((sum, row) => sum + Number(row['put_ops']), 0)).toBe(16);
  });

  it('is called until it answers', async () => {
    const { fakes, outcome } = await run({
      behaviors: [cutInExecute({ unreachable: (attempt) => attempt < 4 }), {}],
    });
    expect(outcome.kind).toBe('completed');
    expect(fakes[0]?.attached).toBe(4);
  });

  it('gets the commands that it has missed, each once', async () => {
    let cut = false;
    const { fakes, outcome } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10);
            if (stage !== EXECUTE || cut) return;
            cut = true;
            agent.cut();
          },
        },
        {},
      ],
    });
    expect(outcome.kind).toBe('completed');
    const commands = fakes[0]?.commands.filter((command) => command.endsWith('Stage')) ?? [];
    expect(commands).toEqual([
      'loadStage',
      'beginStage',
      'loadStage',
      'beginStage',
      'loadStage',
      'beginStage',
      'loadStage',
      'beginStage',
    ]);
  });

  it('has failed when it stays away for longer than the grace period; what it reported is kept', async () => {
    const { outcome, read } = await run({
      workload: IMPATIENT,
      behaviors: [cutInExecute({ unreachable: () => true }), {}],
    });
    expect(outcome.kind).toBe('failed');
    const [failure] = outcome.failures;
    expect(failure).toMatchObject({
      agentId: 'agent-1',
      stage: 'execute',
      error: { code: 'AGENT_LOST' },
    });
    expect(failure?.error.message).toContain('away for longer than reconnect_grace (0.3 s)');
    expect(putsOf(read('03_execute_results.tsv'))).toBe('5');
    expect(read('STATUS.txt')).toContain('agent-1: Disconnected');
  });

  it('is not waited for, or said to be, when its process has ended', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const { events, fakes, outcome } = await run({
      behaviors: [
        {
          process: { hostname: hostname(), processId: child.pid ?? 0 },
          onStage: (agent, stage) => {
            if (stage !== EXECUTE) {
              agent.summary(1, 10);
              return;
            }
            child.once('exit', () => {
              agent.cut();
            });
            child.kill('SIGKILL');
          },
        },
        {},
      ],
    });
    expect(outcome.failures[0]?.error.message).toContain('its process has ended');
    expect(fakes[0]?.attached).toBe(0);
    expect(events.filter((event) => event.includes('waiting up to'))).toEqual([]);
  });

  it('has failed at once when it does not know the run any more', async () => {
    const { fakes, outcome } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE) agent.break();
            else agent.summary(1, 10);
          },
        },
        {},
      ],
    });
    expect(outcome.kind).toBe('failed');
    expect(outcome.failures[0]?.error.message).toContain('has lost the run');
    expect(fakes[0]?.attached).toBe(1);
  });

  it('is told to stop over another way when the run is aborted meanwhile', async () => {
    const stopped: string[] = [];
    const { outcome } = await run({
      behaviors: [
        cutInExecute({ unreachable: () => true, onStopRun: (reason) => stopped.push(reason) }),
        {
          onStage: (agent: FakeAgent, stage) => {
            if (stage === EXECUTE) agent.break();
            else agent.summary(1, 10);
          },
        },
      ],
    });
    expect(outcome.kind).toBe('failed');
    expect(stopped).toEqual(['the run was aborted']);
  });
});

describe('a run that somebody has stopped on an agent', () => {
  it('ends everywhere, says by whom, and is not a failure of the agent', async () => {
    const { events, fakes, outcome, read } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE) agent.fail(stoppedByHand);
            else agent.summary(1, 10);
          },
        },
        { onStage: (agent, stage) => (stage === EXECUTE ? undefined : agent.summary(1, 10)) },
      ],
    });
    expect(outcome.kind).toBe('terminated');
    expect(outcome.failures).toEqual([]);
    expect(events).toContain('warning: agent-1: the run was stopped: enough');
    expect(read('STATUS.txt')).toContain('\nThe run was stopped: enough.\n');
    expect(fakes[1]?.commands).toContain('abortRun');
  });
});
