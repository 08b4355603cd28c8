import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fakeRuns, WORKLOAD } from '../testing/fake-runs.ts';
import { exitCodeOf } from './run-outcome.ts';

const run = fakeRuns();

describe('before the run', () => {
  it('names every agent that speaks another protocol or is busy', async () => {
    const { events, outcome, read } = await run({
      behaviors: [{}, { protocolVersion: 99 }, { busyWith: 'other' }],
    });
    expect(outcome.kind).toBe('preflight-failed');
    expect(exitCodeOf(outcome)).toBe(3);
    expect(outcome.failures.map(({ agentId, error }) => [agentId, error.code])).toEqual([
      ['agent-2', 'AGENT_VERSION'],
      ['agent-3', 'AGENT_BUSY'],
    ]);
    expect(events).not.toContain('preflightStarted');
    expect(read('STATUS.txt')).toContain('agent-1: Not started');
    expect(read('STATUS.txt')).toContain('Completed: 0');
    expect(read('STATUS.txt')).toContain('agent-3: agent-3 at fake:3 is busy with run other');
  });

  it('begins nothing either when another controller was faster since the agents were asked', async () => {
    const { events, fakes, outcome, read } = await run({
      behaviors: [{}, { startedBy: 'other' }],
    });
    expect(outcome.kind).toBe('preflight-failed');
    expect(exitCodeOf(outcome)).toBe(3);
    expect(events).not.toContain('stageStarted');
    expect(fakes.map(({ commands }) => commands)).toEqual([['startRun', 'abortRun'], []]);
    expect(read('STATUS.txt')).toContain('agent-2 at fake:2 refused: busy with run other');
    expect(read('STATUS.txt')).toContain('1. wait until that run has ended');
    expect(outcome.unconfirmed).toEqual([]);
  });

  it('finds out that two addresses lead to one agent', async () => {
    const { outcome } = await run({
      behaviors: [{ instanceId: 'x' }, { instanceId: 'y' }, { instanceId: 'x' }],
    });
    expect(outcome.kind).toBe('preflight-failed');
    expect(outcome.failures).toMatchObject([
      { agentId: 'agent-3', error: { code: 'AGENT_TWICE' } },
    ]);
  });

  it('warns of an agent of another version that speaks the same protocol', async () => {
    const { events, outcome } = await run({ behaviors: [{ version: '1.0.1' }] });
    expect(outcome.kind).toBe('completed');
    expect(events.join()).toContain('warning: agent-1 runs version 1.0.1');
  });

  it('starts nothing when a check fails anywhere', async () => {
    const { fakes, outcome } = await run({
      behaviors: [
        {},
        {
          findings: [
            {
              level: 'error',
              class: 'AUTH',
              check: 'bucket',
              target: 's3://b/',
              message: 'unknown key',
              hint: 'set it',
            },
          ],
        },
      ],
    });
    expect(outcome.kind).toBe('preflight-failed');
    expect(outcome.failures).toMatchObject([
      { agentId: 'agent-2', error: { message: '[AUTH] unknown key', hint: 'set it' } },
    ]);
    expect(fakes.flatMap(({ commands }) => commands)).toEqual([]);
  });

  it('gives up on agents that do not become ready in time', async () => {
    const { fakes, outcome } = await run({
      behaviors: [{}, { neverReady: true }],
      workload: `${WORKLOAD}\ndistributed: {agent_ready_timeout: 200ms}`,
    });
    expect(outcome.kind).toBe('failed');
    expect(outcome.failures).toMatchObject([
      { agentId: 'agent-2', stage: undefined, error: { code: 'AGENT_NOT_READY' } },
    ]);
    expect(fakes.map(({ commands }) => commands.includes('abortRun'))).toEqual([true, true]);
  });

  it('gives up on agents that do not get ready for a stage in time', async () => {
    const { events, outcome, path } = await run({
      behaviors: [{}, { neverLoads: true }],
      workload: `${WORKLOAD}\ndistributed: {agent_ready_timeout: 1200ms}`,
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ agentId: 'agent-2', stage: 'preflight', error: { code: 'STAGE_NOT_LOADED' } }],
    });
    expect(events).toContain('waitingForStage');
    expect(readdirSync(path)).not.toContain('01_preflight_results.tsv');
  });

  it('begins no stage when an agent is lost during the countdown', async () => {
    const { events, fakes, outcome, path } = await run({
      startDelayMs: 60_000,
      behaviors: [
        {},
        {
          onLoad: (agent) => {
            setTimeout(() => {
              agent.break();
            }, 50);
          },
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'failed', failures: [{ agentId: 'agent-2' }] });
    expect(fakes[0]?.commands).not.toContain('beginStage');
    expect(events).toContain('countdown');
    expect(events).not.toContain('stageStarted');
    expect(readdirSync(path)).not.toContain('01_preflight_results.tsv');
  });
});
