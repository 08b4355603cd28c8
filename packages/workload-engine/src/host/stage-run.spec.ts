import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  allocateRecorder,
  operationIndex,
  OperationStats,
  Recorder,
  RecorderReader,
} from '@sai3bench/stats';
import { planOf } from '../testing/run-plan.ts';
import { allocateRunMemory } from '../memory/run-memory.ts';
import { allocateStageMemory } from '../memory/stage-memory.ts';
import { PutOffs } from '../memory/put-offs.ts';
import type { WorkerCommand, WorkerEvent } from '../worker/worker-messages.ts';
import type { IntervalProgress } from './host-messages.ts';
import { type StageFleet, StageRun, type StageRunOptions } from './stage-run.ts';
import type { FleetWorker } from './worker-fleet.ts';

const DAY_MS = 86_400_000;
/** For how long this process has stood still, as it does while a virtual machine is halted: clocks go on, timers do not. */
let stoodStillMs = 0;
const nowNs = (): number => (performance.now() + stoodStillMs) * 1e6;
const plan = planOf('target: "null:"\nworkload: [{op: list, path: x/, weight: 1}]');
const EXECUTE = { name: 'mix', kind: 'execute', completion: 'duration' } as const;
const PREPARE = { name: 'prepare', kind: 'prepare', completion: 'tasks_done' } as const;
const CLEANUP = { name: 'wipe', kind: 'cleanup', completion: 'tasks_done' } as const;

/** A worker that does nothing by itself. */
function idleWorker(): { worker: FleetWorker; recorder: Recorder } {
  const memory = allocateRecorder();
  const reader = new RecorderReader(memory);
  const worker = {
    number: 0,
    slots: 1,
    reader,
    endpointCounters: [],
    endpointLatencies: [],
    traffic: [],
    busy: false,
  };
  return { worker, recorder: new Recorder(memory) };
}

/** A stage that is carried out by workers which a test plays itself. */
class PlayedStage {
  readonly sent: WorkerCommand['type'][] = [];
  readonly progress: IntervalProgress[] = [];
  readonly players = [idleWorker(), idleWorker()];
  readonly putOffs: PutOffs;
  readonly #run: StageRun;
  #listener: ((event: WorkerEvent, worker: FleetWorker) => void) | undefined;

  constructor(
    stage: (Partial<StageRunOptions['stage']> & typeof EXECUTE) | typeof CLEANUP | typeof PREPARE,
    tidyUp?: StageRunOptions['tidyUp'],
    tasksTotal = 0,
  ) {
    const [{ barrier } = { barrier: undefined }] = plan.stages;
    if (barrier === undefined) throw new RangeError('the plan has no stage');
    const memory = allocateStageMemory(plan, allocateRunMemory(plan), stage.kind);
    this.putOffs = new PutOffs(memory.putOffs);
    const fleet: StageFleet = {
      plan,
      breakers: [],
      control: new Int32Array(new SharedArrayBuffer(64)),
      workers: this.players.map(({ worker }) => worker),
      broadcast: ({ type }) => this.sent.push(type),
      listen: (listener) => {
        this.#listener = listener;
        return () => {
          this.#listener = undefined;
        };
      },
      replace: () => Promise.resolve(),
      setStop: () => undefined,
    };
    this.#run = new StageRun({
      fleet,
      stage: { barrier, optional: false, ...stage },
      startAtNs: nowNs(),
      drainTimeoutMs: 500,
      nowNs,
      memory,
      listed: new Map(),
      prepared: false,
      tasksExisted: 0,
      others: [],
      tasksTotal,
      onEndpointChange: () => undefined,
      endpointsOut: new Set(),
      onProgress: (progress) => this.progress.push(progress),
      ...(tidyUp === undefined ? {} : { tidyUp }),
    });
  }

  readonly run = (): ReturnType<StageRun['run']> => this.#run.run();

  /** Lets an operation of the first worker succeed. */
  succeed(): void {
    const instant = nowNs();
    this.players[0]?.recorder.started(operationIndex('LIST'));
    this.players[0]?.recorder.succeeded(operationIndex('LIST'), 0, instant, instant, 0, instant);
  }

  /** Lets all workers end. */
  end(end: 'time-up' | 'tasks-done' | 'stopped'): void {
    for (const { worker } of this.players) this.endOf(worker, end);
  }

  endOf(worker: FleetWorker, end: 'time-up' | 'tasks-done' | 'stopped'): void {
    const ranDryNs = end === 'tasks-done' ? nowNs() : 0;
    this.#listener?.(
      { type: 'stage-ended', end, ranDryNs, firstStartNs: 0, lastEndNs: nowNs() },
      worker,
    );
  }

  stop(): void {
    this.#run.stop();
  }
}

describe('StageRun', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
    stoodStillMs = 0;
  });

  it('leaves workers alone until the stage and the time to drain are over', async () => {
    const stage = new PlayedStage({ ...EXECUTE, durationMs: 3000 });
    const report = stage.run();
    await jest.advanceTimersByTimeAsync(3499);
    expect(stage.sent).toEqual(['run-stage']);
    await jest.advanceTimersByTimeAsync(2);
    expect(stage.sent).toEqual(['run-stage', 'cancel']);
    stage.succeed();
    stage.end('time-up');
    expect(await report).toMatchObject({ outcome: 'completed', stuckWorkers: 0 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does so however long the stage lasts', async () => {
    const stage = new PlayedStage({ ...EXECUTE, durationMs: 30 * DAY_MS });
    const report = stage.run();
    await jest.advanceTimersByTimeAsync(30_000);
    expect(stage.sent).toEqual(['run-stage']);
    stage.stop();
    stage.end('stopped');
    expect(await report).toMatchObject({ outcome: 'stopped' });
  });

  it('takes no stage for complete that ended before its time with work left', async () => {
    const stage = new PlayedStage({ ...EXECUTE, durationMs: 3000 });
    const report = stage.run();
    stage.succeed();
    await jest.advanceTimersByTimeAsync(1000);
    stage.end('stopped');
    expect(await report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_CUT_SHORT', message: expect.stringContaining('1s of 3s') },
    });
  });

  it('takes one for complete that ran out of work, and says when', async () => {
    const stage = new PlayedStage({ ...EXECUTE, durationMs: 3000 });
    const report = stage.run();
    stage.succeed();
    await jest.advanceTimersByTimeAsync(1000);
    stage.end('tasks-done');
    expect(await report).toMatchObject({
      outcome: 'completed',
      failure: { code: 'STAGE_RAN_DRY', message: expect.stringContaining('1s of 3s') },
    });
  });

  it('reports the seconds in which its process stood still as one', async () => {
    const stage = new PlayedStage({ ...EXECUTE, durationMs: 60_000 });
    const report = stage.run();
    await jest.advanceTimersByTimeAsync(2_000);
    stoodStillMs = 20_500;
    await jest.advanceTimersByTimeAsync(2_000);
    expect(stage.progress.map(({ interval }) => interval)).toEqual([1, 2, 23, 24]);
    stoodStillMs = 40_000;
    stage.succeed();
    stage.end('tasks-done');
    await report;
    const [last] = stage.progress.slice(-1);
    expect(last?.interval).toBe(44);
    expect(last?.elapsedMs).toBeGreaterThanOrEqual(44_000);
  });

  it('gives up threads that do not come back, and does not listen to them later', async () => {
    const stage = new PlayedStage({ ...EXECUTE, durationMs: 3000 });
    const report = stage.run();
    stage.endOf(idleWorker().worker, 'stopped');
    stage.succeed();
    await jest.advanceTimersByTimeAsync(5000);
    expect(await report).toMatchObject({ outcome: 'completed', stuckWorkers: 2 });
  });

  it('gives a prepare up in which nothing but failures that are put off has happened for a minute', async () => {
    const stage = new PlayedStage(PREPARE);
    const report = stage.run();
    stage.succeed();
    for (let second = 0; second < 59; second++) {
      stage.putOffs.putOff(nowNs());
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(stage.progress.at(-1)).toMatchObject({ putOff: 59 });
    expect(stage.sent).toEqual(['run-stage']);
    await jest.advanceTimersByTimeAsync(1_000);
    stage.putOffs.putOff(nowNs());
    await jest.advanceTimersByTimeAsync(1_000);
    expect(stage.sent).toEqual(['run-stage', 'cancel']);
    stage.end('stopped');
    expect(await report).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'STAGE_GIVEN_UP',
        message: expect.stringContaining('nothing succeeded for 1m 00s: 60 operations in a row'),
      },
    });
  });

  it('counts what fails after the tasks as failures of the stage, in its last interval too', async () => {
    const left = {
      operation: 'RMDIR',
      endpoint: 'file:///x/',
      class: 'config',
      code: 'FILE_ENOTEMPTY',
      message: 'RMDIR /x/d failed: not empty',
      hint: undefined,
      key: '/x/d',
      keys: ['/x/d'],
      count: 2,
      firstAtMs: 0,
      lastAtMs: 0,
    } as const;
    const stage = new PlayedStage(CLEANUP, () => Promise.resolve([left]));
    const ended = stage.run();
    stage.end('tasks-done');
    const report = await ended;
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_INCOMPLETE', message: '2 directories could not be removed' },
      errors: [left],
    });
    const summed = new OperationStats();
    for (const { stats } of stage.progress) summed.add(stats);
    expect(summed.toDelta()).toEqual(report.stats);
    expect(summed.errors('RMDIR')).toBe(2);
  });

  it.each([
    [0, true],
    [1, false],
  ])('tells what tidies up whether all is done, with %d tasks left', async (left, allDone) => {
    const tidyUp = jest.fn<NonNullable<StageRunOptions['tidyUp']>>().mockResolvedValue([]);
    const stage = new PlayedStage(CLEANUP, tidyUp, left);
    const report = stage.run();
    stage.end('tasks-done');
    await report;
    expect(tidyUp.mock.calls).toEqual([[allDone]]);
  });

  it('leaves it at that when it is stopped before its tasks are done', async () => {
    const tidyUp = jest.fn<NonNullable<StageRunOptions['tidyUp']>>().mockResolvedValue([]);
    const stage = new PlayedStage(CLEANUP, tidyUp);
    const report = stage.run();
    stage.stop();
    stage.end('stopped');
    expect(await report).toMatchObject({ outcome: 'stopped' });
    expect(tidyUp).not.toHaveBeenCalled();
  });

  it('does not wait for what hangs after the tasks once it is told to stop', async () => {
    const stage = new PlayedStage(CLEANUP, () => new Promise(() => undefined));
    const report = stage.run();
    stage.end('tasks-done');
    await jest.advanceTimersByTimeAsync(10_000);
    stage.stop();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await report).toMatchObject({ outcome: 'stopped' });
    expect(jest.getTimerCount()).toBe(0);
  });
});
