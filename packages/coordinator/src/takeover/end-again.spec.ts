import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseTsv } from '@sai3bench/results-dir';
import { exitCodeOf } from '../run/run-outcome.ts';
import { StopSignal } from '../run/stop-signal.ts';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, type FakeRun, fakeRuns, WORKLOAD } from '../testing/fake-runs.ts';
import { confirmEnds } from './confirm-ends.ts';
import { readLeftRun } from './left-run.ts';
import { RunClaim } from './run-claim.ts';

const run = fakeRuns();

const executing = (then: (agent: FakeAgent) => void): FakeBehavior => ({
  onStage: (agent, stage) => {
    if (stage === EXECUTE) then(agent);
    else agent.summary(1, 10);
  },
});
/** Stands still when it has reported some of its work, and goes on when it is called again: then it stops. */
const thawed: FakeBehavior = {
  ...executing((agent) => {
    agent.progress(1, 5);
  }),
  ignoresAbort: true,
  onAttached: (agent) => {
    agent.summary(6, 1_100, { outcome: 'stopped' });
    agent.end();
    agent.cut();
  },
};

/** A run that was interrupted when the first agent executed, and whose second agent has not confirmed the end. */
async function interrupted(second: FakeBehavior): Promise<FakeRun> {
  const stop = new StopSignal();
  const first = executing((agent) => {
    agent.progress(1, 3);
    setTimeout(() => {
      stop.request('interrupted', 'Somebody wants the end');
    }, 50);
  });
  return run({ stop, behaviors: [first, second] });
}

/** Attaches to a run that has ended. */
async function attachTo({ fakes, path }: FakeRun, workload = WORKLOAD): Promise<FakeRun> {
  const left = readLeftRun(path);
  return run({ workload, behaviors: [], takesOver: { path, left, fakes } });
}

const isKnown = ({ path }: FakeRun): boolean => existsSync(join(path, 'control'));
const puts = ({ read }: FakeRun): string | undefined =>
  parseTsv(read('03_execute_results.tsv')).find(({ operation }) => operation === 'PUT')?.['count'];

describe('a run whose end not all agents have confirmed', () => {
  it('is known until attach has heard of them: what they have done is taken over, and nothing counted twice', async () => {
    const first = await interrupted(thawed);
    expect(isKnown(first)).toBe(true);
    expect(readLeftRun(first.path).ended).toMatchObject({
      kind: 'interrupted',
      unconfirmed: ['agent-2'],
    });
    expect(puts(first)).toBe('8');
    const second = await attachTo(first);
    expect(second.outcome).toMatchObject({ kind: 'interrupted', failures: [], unconfirmed: [] });
    expect(exitCodeOf(second.outcome)).toBe(130);
    expect(puts(second)).toBe('9');
    const status = second.read('STATUS.txt');
    expect(status).toContain('\nStopped: 2\nNot reached: 0\n');
    expect(status).toContain('Somebody wants the end.');
    expect(second.fakes[0]?.attached).toBe(0);
    expect(isKnown(second)).toBe(false);
  });

  it('stays known when attach cannot reach them either', async () => {
    const first = await interrupted({
      ...thawed,
      onAttached: () => undefined,
      unreachable: () => true,
    });
    const second = await attachTo(first);
    expect(second.outcome).toMatchObject({ kind: 'interrupted', unconfirmed: ['agent-2'] });
    expect(second.read('STATUS.txt')).toContain('\nStopped: 1\nNot reached: 1\n');
    expect(puts(second)).toBe('8');
    expect(readLeftRun(second.path).ended?.unconfirmed).toEqual(['agent-2']);
  }, 20_000);

  it('is forgotten when nothing more is to be had of any, as somebody else has heard', async () => {
    const first = await interrupted(thawed);
    expect(confirmEnds(first.path, { gone: ['agent-1'], stopped: [] })).toEqual([]);
    expect(readLeftRun(first.path).ended?.unconfirmed).toEqual(['agent-2']);
    expect(confirmEnds(first.path, { gone: ['agent-2'], stopped: [] })).toEqual([]);
    expect(isKnown(first)).toBe(false);
  });

  it('stays known when they have stopped for somebody else, until attach has what they have done', async () => {
    const first = await interrupted(thawed);
    expect(confirmEnds(first.path, { gone: [], stopped: ['agent-2'] })).toEqual(['agent-2']);
    expect(readLeftRun(first.path).ended?.holding).toEqual(['agent-2']);
    // Also when they cannot be reached the next time.
    expect(confirmEnds(first.path, { gone: [], stopped: [] })).toEqual(['agent-2']);
    const second = await attachTo(first);
    expect(second.outcome).toMatchObject({ kind: 'interrupted', unconfirmed: [] });
    expect(puts(second)).toBe('9');
    expect(isKnown(second)).toBe(false);
  });

  it('is left to who takes it over at the same time', async () => {
    const first = await interrupted(thawed);
    const claim = RunClaim.take(first.path);
    expect(confirmEnds(first.path, { gone: ['agent-2'], stopped: [] })).toEqual([]);
    expect(readLeftRun(first.path).ended?.unconfirmed).toEqual(['agent-2']);
    claim.release();
  });

  it('has its results as they were when it has gone on without them', async () => {
    const workload = `${WORKLOAD}distributed: {reconnect_grace: 200ms, shared_filesystem: true, barrier_sync: {prepare: {type: best_effort}, execute: {type: best_effort}, cleanup: {type: best_effort}, validation: {type: best_effort}}}\n`;
    const stopped: string[] = [];
    let isReachable = false;
    const first = await run({
      workload,
      behaviors: [
        executing((agent) => {
          agent.summary(4, 10);
        }),
        {
          ...executing((agent) => {
            agent.break();
          }),
          onStopRun: (reason) => {
            if (!isReachable) throw new TypeError('no');
            stopped.push(reason);
          },
        },
      ],
    });
    expect(first.outcome).toMatchObject({ kind: 'degraded', unconfirmed: ['agent-2'] });
    isReachable = true;
    const table = first.read('03_execute_results.tsv');
    const rows = first.read('perf_log.tsv');
    const second = await attachTo(first, workload);
    expect(stopped).toEqual(['the run was aborted']);
    expect(second.outcome).toMatchObject({ kind: 'degraded', unconfirmed: [] });
    expect(second.outcome.operations).toBe(first.outcome.operations);
    expect(second.read('03_execute_results.tsv')).toBe(table);
    expect(second.read('perf_log.tsv')).toBe(rows);
    expect(second.read('STATUS.txt')).toContain('agent-1: Completed (');
    expect(JSON.parse(second.read('metadata.json'))).toMatchObject({
      stages: (JSON.parse(first.read('metadata.json')) as { stages: unknown }).stages,
    });
    expect(isKnown(second)).toBe(false);
  });
});
