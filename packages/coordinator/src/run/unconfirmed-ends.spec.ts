import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, fakeRuns, WORKLOAD } from '../testing/fake-runs.ts';
import { exitCodeOf } from './run-outcome.ts';
import { StopSignal } from './stop-signal.ts';
import { hintsOfUnconfirmed } from './unconfirmed-ends.ts';

const run = fakeRuns();

const executing = (then: (agent: FakeAgent) => void): Pick<FakeBehavior, 'onStage'> => ({
  onStage: (agent, stage) => {
    if (stage === EXECUTE) then(agent);
    else agent.summary(1, 10);
  },
});
/** Stands still: its connections are there, and nothing is read from them. */
const frozen: FakeBehavior = { ...executing(() => undefined), ignoresAbort: true };

/** A run that the user interrupts when an agent executes, beside another agent. */
async function interrupted(other: FakeBehavior) {
  const stop = new StopSignal();
  const done = await run({
    stop,
    behaviors: [
      executing(() => {
        stop.request('interrupted');
      }),
      other,
    ],
  });
  return { ...done, status: done.read('STATUS.txt') };
}

describe('an agent that does not confirm the end of a run', () => {
  it('is not called stopped when the user has interrupted the run, which has failed to stop', async () => {
    const { outcome, path, status } = await interrupted(frozen);
    expect(outcome).toMatchObject({ kind: 'interrupted', unconfirmed: ['agent-2'] });
    expect(exitCodeOf(outcome)).toBe(1);
    expect(status).toContain('TEST STATUS: INTERRUPTED');
    expect(status).toContain('\nStopped: 1\nNot reached: 1\n');
    const words = 'it has not confirmed that it has stopped: its I/O may go on';
    expect(status).toContain(`\nagent-2: Not reached (${words})`);
    expect(status).toContain(`\nagent-2: ${words}\n`);
    expect(status).toContain('1. agent-2 may do I/O up to the end of the stage');
    expect(status).toContain(`sai3bench-ctl stop ${path} stops it`);
  });

  it('is not called stopped when another agent has failed', async () => {
    const full = new BenchError('disk full', { code: 'ENOSPC', class: 'resource' });
    const { outcome, read } = await run({
      behaviors: [
        executing((agent) => {
          agent.fail(full);
        }),
        frozen,
      ],
    });
    expect(outcome).toMatchObject({ kind: 'failed', unconfirmed: ['agent-2'] });
    expect(read('STATUS.txt')).toContain('agent-2: Not reached (');
  });

  it('has stopped when it says so over another way than its stream', async () => {
    const reasons: string[] = [];
    const { outcome, status } = await interrupted({
      ...frozen,
      onStopRun: (reason) => {
        reasons.push(reason);
      },
    });
    expect(reasons).toEqual(['the run was aborted']);
    expect(outcome.unconfirmed).toEqual([]);
    expect(exitCodeOf(outcome)).toBe(130);
    expect(status).toContain('agent-2: Stopped (');
  });

  it('is told over that way too when it was lost before, and has gone on', async () => {
    const reasons: string[] = [];
    const { outcome } = await run({
      behaviors: [
        executing(() => undefined),
        {
          ...executing((agent) => {
            agent.break();
          }),
          onStopRun: (reason) => {
            reasons.push(reason);
          },
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'failed', unconfirmed: [] });
    expect(reasons).toEqual(['the run was aborted']);
  });

  it('is told over that way as soon as the run goes on without it', async () => {
    const reasons: string[] = [];
    const { outcome } = await run({
      workload: `${WORKLOAD}distributed: {reconnect_grace: 200ms, shared_filesystem: true, barrier_sync: {execute: {type: best_effort}}}\n`,
      behaviors: [
        {},
        {
          ...executing((agent) => {
            agent.break();
          }),
          onStopRun: (reason) => {
            reasons.push(reason);
          },
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'degraded', unconfirmed: [] });
    expect(reasons).toEqual(['the run goes on without it']);
  });

  it('need not when its process has ended', async () => {
    const child = spawn('sleep', ['600']);
    const stop = new StopSignal();
    const { outcome, read } = await run({
      stop,
      behaviors: [
        {
          ...frozen,
          ...executing(() => {
            child.once('exit', () => {
              stop.request('interrupted');
            });
            child.kill('SIGKILL');
          }),
          process: { hostname: hostname(), processId: child.pid ?? 0 },
        },
      ],
    });
    expect(outcome.unconfirmed).toEqual([]);
    expect(exitCodeOf(outcome)).toBe(130);
    expect(read('STATUS.txt')).toContain('agent-1: Stopped (');
  });

  it('need not when it ends with its controller', async () => {
    const stop = new StopSignal();
    const { outcome } = await run({
      ...{ stop, ownsAgents: true },
      behaviors: [
        {
          ...frozen,
          ...executing(() => {
            stop.request('interrupted');
          }),
        },
      ],
    });
    expect(outcome.unconfirmed).toEqual([]);
    expect(exitCodeOf(outcome)).toBe(130);
  });
});

describe('hintsOfUnconfirmed()', () => {
  it('names agents, but of many only their number', () => {
    const ids = ['agent-1', 'agent-2', 'agent-3', 'agent-4', 'agent-5', 'agent-6'];
    const about = (unconfirmed: readonly string[]): string | undefined =>
      hintsOfUnconfirmed({ unconfirmed, reconnectGraceMs: 90_000, path: 'results' })[0];
    expect(about([])).toBeUndefined();
    expect(about(ids.slice(0, 2))).toMatch(/^agent-1, agent-2 may do I\/O .* for 1m 30s/);
    expect(about(ids)).toMatch(/^6 agents may/);
  });
});
