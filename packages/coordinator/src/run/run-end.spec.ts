import { readdirSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import type { FakeAgent } from '../testing/fake-agent.ts';
import { fakeRuns, WORKLOAD, PREPARE, EXECUTE, CLEANUP } from '../testing/fake-runs.ts';
import { holdTimeouts } from '../testing/held-timeouts.ts';
import { exitCodeOf } from './run-outcome.ts';
import { StopSignal } from './stop-signal.ts';

const run = fakeRuns();

describe('when the user asks for the end', () => {
  it.each([
    ['interrupted', 130],
    ['terminated', 143],
  ] as const)('%s: stops the agents and keeps what was done', async (reason, code) => {
    const stop = new StopSignal();
    const { fakes, outcome, read } = await run({
      stop,
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE) stop.request(reason, 'Somebody wants the end');
            else agent.summary(1, 10);
          },
        },
      ],
    });
    expect(outcome.kind).toBe(reason);
    expect(exitCodeOf(outcome)).toBe(code);
    expect(fakes[0]?.commands).toContain('abortRun');
    expect(read('03_execute_results.tsv')).toContain(`# Partial: the run was ${reason}`);
    expect(read('STATUS.txt')).toContain('TEST STATUS: INTERRUPTED');
    expect(read('STATUS.txt')).toContain('\nSomebody wants the end.\n');
  });

  it.each([
    ['what to do about what is left', 5, '1. delete it\n2. agents/'],
    ['nothing about what is left where nothing was made', 0, '1. agents/'],
  ])('says %s', async (_, operations, expected) => {
    const stop = new StopSignal();
    const { read } = await run({
      ...{ stop, leftHints: () => ['delete it'] },
      behaviors: [
        {
          onStage: (agent) => {
            agent.summary(operations, 10);
          },
          onFinish: () => {
            stop.request('interrupted');
          },
        },
      ],
    });
    expect(read('STATUS.txt')).toContain(`What to do ===\n${expected}`);
    expect(read('STATUS.txt')).toContain('agent-1: Stopped (');
  });

  it('knows which stages had begun, and which of them were whole', async () => {
    const stop = new StopSignal();
    const { outcome } = await run({
      stop,
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === 2) stop.request('interrupted');
            else agent.summary(5, 10);
          },
        },
      ],
    });
    expect(outcome.begun).toEqual([
      { kind: 'validation', isWhole: true },
      { kind: 'prepare', isWhole: true },
      { kind: 'execute', isWhole: false },
    ]);
  });

  it('begins no stage when that is during the countdown', async () => {
    const stop = new StopSignal();
    const { events, outcome, path, read } = await run({
      stop,
      startDelayMs: 60_000,
      behaviors: [
        {
          onLoad: () => {
            setTimeout(() => {
              stop.request('interrupted');
            }, 50);
          },
        },
      ],
    });
    expect(outcome).toMatchObject({ kind: 'interrupted', begun: [] });
    expect(read('STATUS.txt')).toContain('No operation had been tried.');
    expect(events).not.toContain('stageStarted');
    expect(readdirSync(path)).not.toContain('01_preflight_results.tsv');
  });

  it('ends at once while agents are being waited for', async () => {
    const stop = new StopSignal();
    setTimeout(() => {
      stop.request('interrupted');
    }, 200);
    const { outcome } = await run({
      stop,
      workload: `${WORKLOAD}\ndistributed: {agent_ready_timeout: 1h}`,
      behaviors: [{ neverReady: true, ignoresAbort: true }],
    });
    expect(outcome.kind).toBe('interrupted');
  });
});

describe('coordinateRun() and post_prepare_delay', () => {
  const DELAY_MS = 3_600_000;
  const DELAYED = WORKLOAD.replace('prepare: {', 'prepare: {post_prepare_delay: 1h, ');

  holdTimeouts();

  /** A run whose stages each make so many objects, once it waits after prepare. */
  async function settle(stop: StopSignal) {
    const stages: number[] = [];
    const onStage = (agent: FakeAgent, stage: number): void => {
      stages.push(stage);
      agent.summary(1, 1);
    };
    return new Promise<{ running: ReturnType<typeof run>; stages: readonly number[] }>(
      (resolve) => {
        const running = run({
          ...{ stop, workload: DELAYED, behaviors: [{ onStage }] },
          onSettling: () => {
            // The wait begins when this returns.
            setImmediate(() => {
              resolve({ running, stages });
            });
          },
        });
      },
    );
  }

  it('waits so long between a prepare stage that has made something and the next', async () => {
    const { running, stages } = await settle(new StopSignal());
    await jest.advanceTimersByTimeAsync(DELAY_MS - 1);
    expect(stages.at(-1)).toBe(PREPARE);
    await jest.advanceTimersByTimeAsync(1);
    expect((await running).outcome.kind).toBe('completed');
    expect(stages.at(-1)).toBe(CLEANUP);
  });

  it('does not wait after a prepare stage that has found everything', async () => {
    const { events, outcome } = await run({ workload: DELAYED, behaviors: [{}] });
    expect(outcome.kind).toBe('completed');
    expect(events).not.toContain('settling');
  });

  it('ends the wait when the user wants the end', async () => {
    const stop = new StopSignal();
    const { running, stages } = await settle(stop);
    stop.request('interrupted');
    const { fakes, outcome } = await running;
    expect(outcome.kind).toBe('interrupted');
    expect(stages.at(-1)).toBe(PREPARE);
    expect(fakes[0]?.commands.at(-1)).toBe('abortRun');
    expect(jest.getTimerCount()).toBe(0);
  });
});
