import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parseTsv } from '@sai3bench/results-dir';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { fakeRuns, WORKLOAD, PREPARE, EXECUTE, CLEANUP } from '../testing/fake-runs.ts';
import { exitCodeOf } from './run-outcome.ts';
import { StopSignal } from './stop-signal.ts';

const run = fakeRuns();

describe('when an agent fails', () => {
  const disk = new BenchError('PUT failed', {
    code: 'FILE_ENOSPC',
    class: 'resource',
    hint: 'free space',
  });
  const works: FakeBehavior = {
    onStage: (agent, stage) => {
      if (stage !== EXECUTE) agent.summary(1, 10);
    },
  };

  it('stops the others, keeps what was done, and names agent, stage and cause', async () => {
    const { events, fakes, outcome, read } = await run({
      behaviors: [
        works,
        {
          onStage: (agent, stage) => {
            if (stage !== EXECUTE) {
              agent.summary(1, 10);
              return;
            }
            agent.progress(1, 20);
            agent.fail(disk);
          },
        },
      ],
    });
    expect(outcome.kind).toBe('failed');
    expect(exitCodeOf(outcome)).toBe(1);
    expect(outcome.failures).toMatchObject([
      { agentId: 'agent-2', stage: 'execute', error: { code: 'FILE_ENOSPC' } },
    ]);
    expect(fakes[0]?.commands).toContain('abortRun');
    expect(events).toContain('failed: agent-2');
    expect(events).toContain('aborting: agent-2 failed');
    const text = read('03_execute_results.tsv');
    expect(text).toContain('# Partial: agent-2: PUT failed');
    // 20 of the failed agent's intervals, 3 of the aborted agent's last report.
    expect(parseTsv(text).find((row) => row['operation'] === 'PUT')?.['count']).toBe('23');
    const status = read('STATUS.txt');
    expect(status).toContain('agent-1: Stopped');
    expect(status).toContain('agent-2: Failed (PUT failed)');
    expect(status).toContain('agent-2 in stage execute: PUT failed');
    expect(status).toContain('1. free space');
    expect(status).toContain(`Total operations: ${String(4 + 23)}`);
  });

  it('says that the link broke when the agent is simply gone', async () => {
    const { outcome, read } = await run({
      behaviors: [
        works,
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE) agent.break();
            else agent.summary(1, 10);
          },
        },
      ],
    });
    expect(outcome.failures).toMatchObject([
      { agentId: 'agent-2', stage: 'execute', error: { code: 'AGENT_LOST' } },
    ]);
    expect(read('STATUS.txt')).toContain('agent-2: Disconnected');
  });

  it('fails when a stage failed on an agent', async () => {
    const { outcome } = await run({
      behaviors: [
        {
          onStage: (agent) => {
            agent.summary(0, 10, {
              outcome: 'failed',
              failure: {
                code: 'STAGE_GIVEN_UP',
                class: 'network',
                message: 'given up',
                attempts: 1,
                retryable: false,
                causes: ['ECONNREFUSED'],
              },
            });
          },
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'failed', failures: [{ stage: 'preflight' }] });
  });

  it.each([
    ['a stage', EXECUTE],
    ['the first stage', 0],
  ])('fails when an agent ends the run by itself during %s', async (_, at) => {
    const { events, outcome, read } = await run({
      behaviors: [
        {},
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10, { outcome: stage === at ? 'stopped' : 'completed' });
            if (stage === at) agent.end();
          },
        },
      ],
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ agentId: 'agent-2', error: { code: 'AGENT_STOPPED' } }],
    });
    expect(events).toContain('failed: agent-2');
    expect(read('STATUS.txt')).toContain('agent-2: Failed');
  });

  it('fails when an agent ended the run by itself between two stages', async () => {
    const { outcome } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            setTimeout(
              () => {
                agent.summary(1, 10);
              },
              stage === PREPARE ? 200 : 0,
            );
          },
        },
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10);
            if (stage === PREPARE) agent.end();
          },
        },
      ],
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ agentId: 'agent-2', error: { code: 'AGENT_STOPPED' } }],
    });
  });

  it('takes the reason that the agent gives for ending the run', async () => {
    const { outcome, read } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE) {
              agent.report(disk);
              agent.summary(5, 10, { outcome: 'stopped' });
              agent.end();
            } else agent.summary(1, 10);
          },
        },
      ],
    });
    expect(outcome.failures).toMatchObject([{ stage: 'execute', error: { code: 'FILE_ENOSPC' } }]);
    // Its last report still counts.
    expect(outcome.operations).toBe(7);
    expect(read('03_execute_results.tsv')).toContain('# Partial: agent-1: PUT failed');
  });

  it('is a run that was not cleaned up when it fails after the last stage', async () => {
    const { outcome, read } = await run({
      behaviors: [
        {},
        {
          onFinish: (agent) => {
            agent.fail(disk);
          },
        },
      ],
    });
    expect(outcome.kind).toBe('cleanup-failed');
    expect(read('STATUS.txt')).toContain('agent-1: Completed');
    expect(read('STATUS.txt')).toContain('agent-2: Failed (PUT failed)');
  });

  it('gives agents time that get on with tidying up, and shows it', async () => {
    const { events, outcome } = await run({
      behaviors: [
        {
          onFinish: (agent) => {
            for (const done of [10, 20]) agent.tidyingUp('removing directories', done, 20);
            agent.end();
          },
        },
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(events.filter((event) => event === 'tidyingUp')).toHaveLength(2);
  });

  it('stops agents that are tidying up when the user wants the end', async () => {
    const stop = new StopSignal();
    const { fakes, outcome } = await run({
      stop,
      behaviors: [
        {},
        {
          onFinish: (agent) => {
            agent.tidyingUp('removing directories', 1, 1_000_000);
            stop.request('interrupted');
          },
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'interrupted', failures: [] });
    expect(fakes[1]?.commands.slice(-2)).toEqual(['finishRun', 'abortRun']);
  });

  it('blames the agent for a message that makes no sense', async () => {
    const { outcome } = await run({
      behaviors: [
        {
          onStage: (agent) => {
            agent.sendNonsense();
          },
        },
      ],
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ agentId: 'agent-1', error: { code: 'STATS_MALFORMED' } }],
    });
  });

  it('does not wait for an agent that ignores the abort', async () => {
    // It does nothing more: a run that waited for it would not end.
    const { outcome } = await run({
      behaviors: [
        { ...works, ignoresAbort: true },
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE) agent.fail(disk);
            else agent.summary(1, 10);
          },
        },
      ],
    });
    expect(outcome.kind).toBe('failed');
  });

  it('finds out that an agent is silent, asks it, and gives it up', async () => {
    const { events, fakes, outcome } = await run({
      behaviors: [{ silent: true, onStage: () => undefined }],
      workload: `${WORKLOAD}
distributed:
  barrier_sync:
    default_heartbeat_interval: 100ms
    default_missed_threshold: 2
    default_query_timeout: 200ms
    default_query_retries: 1
`,
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ error: { code: 'AGENT_SILENT' } }],
    });
    expect(events.join()).toContain('asking whether it is alive');
    // It may only have stood still.
    expect(fakes[0]?.commands.at(-1)).toBe('abortRun');
  });

  it('is a run without clean-up, not a failed one, when only the clean-up failed', async () => {
    const { fakes, outcome, read } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === CLEANUP) {
              agent.summary(1, 10, {
                outcome: 'failed',
                failure: {
                  code: 'STAGE_INCOMPLETE',
                  class: 'permission',
                  message: '3 of 4 objects could not be deleted',
                  attempts: 1,
                  retryable: false,
                  causes: [],
                },
              });
            } else agent.summary(5, 10);
          },
        },
        {},
      ],
    });
    expect(outcome.kind).toBe('cleanup-failed');
    expect(exitCodeOf(outcome)).toBe(5);
    expect(fakes.map(({ commands }) => commands.at(-1))).toEqual(['finishRun', 'finishRun']);
    expect(read('03_execute_results.tsv')).not.toContain('Partial');
  });
});

describe('when a stage takes longer than timeout_secs', () => {
  const staged = (kind: 'prepare' | 'cleanup'): string => `${WORKLOAD}
distributed:
  stages:
    - {name: fill, type: prepare${kind === 'prepare' ? ', timeout_secs: 500ms' : ''}}
    - {name: wipe, type: cleanup${kind === 'cleanup' ? ', timeout_secs: 500ms' : ''}}
`;
  /** An agent that does not end a stage by itself. */
  const stuckIn = (stuck: number): FakeBehavior => ({
    onStage: (agent, stage) => {
      if (stage !== stuck) agent.summary(1, 1);
    },
  });

  it('stops the run, blames the agents that have not ended it, and keeps what they have done', async () => {
    const { fakes, outcome, read } = await run({
      behaviors: [{}, stuckIn(0)],
      workload: staged('prepare'),
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [
        {
          agentId: 'agent-2',
          stage: 'fill',
          error: {
            code: 'STAGE_TIMEOUT',
            message: 'agent-2 had not ended stage fill within 500ms',
          },
        },
      ],
    });
    expect(outcome.failures).toHaveLength(1);
    expect(fakes[1]?.commands).toContain('abortRun');
    expect(read('01_fill_results.tsv')).toContain('# Partial: agent-2: agent-2 had not ended');
    expect(read('agents/agent-2/results.tsv')).toContain('\tPUT\t');
  });

  it('is a run that was not cleaned up when it is the clean-up', async () => {
    const { fakes, outcome } = await run({
      behaviors: [stuckIn(1)],
      workload: staged('cleanup'),
    });
    expect(outcome.kind).toBe('cleanup-failed');
    expect(fakes[0]?.commands).toContain('abortRun');
  });

  it('is not, when all end it in time', async () => {
    const { outcome } = await run({
      behaviors: [{}, {}],
      workload: staged('prepare').replace('500ms', '1h'),
    });
    expect(outcome.kind).toBe('completed');
  });
});
