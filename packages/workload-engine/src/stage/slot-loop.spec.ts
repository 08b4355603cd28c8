import { describe, expect, it, jest } from '@jest/globals';
import { PayloadGenerator, seedOf } from '@sai3bench/datagen';
import { BenchError, type ErrorClass } from '@sai3bench/errors';
import { openStore, type StoreOperation } from '@sai3bench/object-store';
import {
  allocateRecorder,
  operationIndex,
  OPERATIONS,
  OperationStats,
  Recorder,
  RecorderReader,
} from '@sai3bench/stats';
import { allocateErrorTally } from '../memory/error-tally.ts';
import { ErrorLimits } from './error-limits.ts';
import { GenerateMeter } from './generate-meter.ts';
import type { RetryPauses } from './pause.ts';
import { Slot } from './slot.ts';
import type { RequestCarrier } from './request-carrier.ts';
import { SlotLoop } from './slot-loop.ts';
import { SlotPayload } from './slot-payload.ts';
import type { Outcome, TaskSource } from './task-source.ts';

const GET = operationIndex('GET');

/** How a fake store answers an attempt; `pending` answers only when it is cancelled. */
type Answer = 'ok' | 'short' | 'pending' | ErrorClass;

interface Setup {
  readonly tasks: number;
  readonly slots?: number;
  readonly maxAttempts?: number;
  readonly retryPauses?: RetryPauses;
  readonly limits?: ErrorLimits;
  readonly synchronous?: boolean;
  readonly endAtNs?: number;
  readonly mayBeMissing?: boolean;
  /** What the store says of every attempt. */
  readonly waited?: {
    readonly connectNs: number;
    readonly retries: number;
    readonly retryNs: number;
  };
  /** Whether the source says that tasks may come later, while it has none. */
  readonly later?: () => boolean;
  /** What is known of the length of a task's object. */
  readonly expectedBytes?: (task: number) => number;
  /** Answer to the given attempt (from 1) at the given task (from 0). */
  readonly answer?: (task: number, attempt: number) => Answer;
}

/** A loop over a fake store, with everything that a test wants to look at. */
function makeLoop(setup: Setup) {
  const { endAtNs = Infinity, maxAttempts = 1, synchronous = false, tasks } = setup;
  const answer = setup.answer ?? (() => 'ok');
  const memory = allocateRecorder();
  const control = new Int32Array(new SharedArrayBuffer(16));
  const outcomes: Outcome[] = [];
  const errors: string[] = [];
  const waiting = new Set<Slot>();
  let clockNs = 0;
  let next = 0;

  const finish = (slot: Slot, result: Answer): void => {
    const { request } = slot;
    request.startNs = clockNs;
    clockNs += 1000;
    request.endNs = clockNs;
    request.bytes = result === 'short' ? 1 : 10;
    Object.assign(request, setup.waited);
    request.error =
      result === 'ok' || result === 'short' || result === 'pending'
        ? undefined
        : new BenchError('failed', { code: 'X', class: result });
    request.onComplete(request);
  };
  const store: RequestCarrier = {
    submit: (slot) => {
      const result = answer(slot.object, slot.attempts);
      if (result === 'pending') waiting.add(slot);
      else if (synchronous) finish(slot, result);
      else {
        queueMicrotask(() => {
          finish(slot, result);
        });
      }
    },
    release: () => undefined,
    cancelAll: () => {
      for (const slot of [...waiting]) {
        waiting.delete(slot);
        finish(slot, 'cancelled');
      }
    },
  };
  const source: TaskSource = {
    maxAttempts,
    ...(setup.retryPauses === undefined ? {} : { retryPauses: setup.retryPauses }),
    next: (slot) => {
      if (next === tasks || setup.later?.() === true) return false;
      slot.operation = GET;
      slot.object = next++;
      slot.expectedBytes = setup.expectedBytes?.(slot.object) ?? 10;
      slot.mayBeMissing = setup.mayBeMissing ?? false;
      slot.request.operation = 'GET';
      return true;
    },
    ended: (_, outcome) => outcomes.push(outcome),
    mayHaveMore: () => setup.later?.() === true,
  };
  const holder: { loop?: SlotLoop } = {};
  const generator = new PayloadGenerator(seedOf(1n), 65_536);
  const meter = new GenerateMeter(new Recorder(memory), () => clockNs);
  const slots = Array.from(
    { length: setup.slots ?? 2 },
    () => new Slot(new SlotPayload(generator, 4096, meter), (slot) => holder.loop?.completed(slot)),
  );
  const finished = new Promise<void>((resolve) => {
    holder.loop = new SlotLoop({
      slots,
      source,
      stores: [store],
      recorder: new Recorder(memory),
      nowNs: () => clockNs,
      random: () => 0.5,
      control,
      endAtNs,
      limits: setup.limits,
      onError: (error) => errors.push(error.code),
      onFinished: resolve,
    });
  });
  const stats = (): OperationStats => {
    const all = new OperationStats();
    all.add(new RecorderReader(memory).takeDelta());
    return all;
  };
  return {
    takeFirst: () => holder.loop?.takeFirst(),
    start: () => holder.loop?.start(),
    cancel: () => holder.loop?.cancel(),
    stop: () => Atomics.store(control, 0, 1),
    started: () => next,
    end: () => holder.loop?.end,
    ranDryNs: () => holder.loop?.ranDryNs,
    finished,
    stats,
    outcomes,
    errors,
    reader: new RecorderReader(memory),
  };
}

/** What a loop over a store that does nothing needs to know of an operation. */
function tasksOf(operation: StoreOperation, count: number): TaskSource {
  let left = count;
  return {
    maxAttempts: 1,
    next: (slot) => {
      if (left === 0) return false;
      left--;
      slot.operation = operationIndex(operation);
      slot.request.operation = operation;
      slot.request.sizeBytes = 4096;
      slot.expectedBytes = 4096;
      return true;
    },
    ended: () => undefined,
  };
}

describe('SlotLoop whose tasks come later', () => {
  it.each([true, false])(
    'waits for them and then does all of them (store that answers at once: %s)',
    async (synchronous) => {
      let looks = 0;
      const loop = makeLoop({ tasks: 5, slots: 3, synchronous, later: () => looks++ < 20 });
      loop.start();
      await loop.finished;
      expect(loop.outcomes).toEqual(new Array(5).fill('succeeded'));
      expect(loop.end()).toBe('tasks-done');
    },
  );

  it('does not count as dry while it waits', async () => {
    const loop = makeLoop({ tasks: 5, later: () => true });
    loop.start();
    loop.cancel();
    await loop.finished;
    expect(loop.ranDryNs()).toBe(0);
    expect(loop.end()).toBe('stopped');
  });
});

describe('SlotLoop that takes its first task ahead of the start', () => {
  it('sends nothing before the start, and does every task once', async () => {
    const loop = makeLoop({ tasks: 5, slots: 3, synchronous: true });
    loop.takeFirst();
    expect(loop.started()).toBe(1);
    expect(loop.outcomes).toEqual([]);
    loop.start();
    await loop.finished;
    expect(loop.outcomes).toEqual(new Array(5).fill('succeeded'));
    expect(loop.stats().ofOperation('GET').operations).toBe(5);
  });

  it('cancels it when the stage is stopped before the start', async () => {
    const loop = makeLoop({ tasks: 5, slots: 3 });
    loop.takeFirst();
    loop.stop();
    loop.start();
    await loop.finished;
    expect(loop.outcomes).toEqual(['cancelled']);
    expect(loop.stats().cancelled('GET')).toBe(1);
    expect(loop.end()).toBe('stopped');
  });

  it('takes none when the stage is stopped already', async () => {
    const loop = makeLoop({ tasks: 5 });
    loop.stop();
    loop.takeFirst();
    loop.start();
    await loop.finished;
    expect(loop.started()).toBe(0);
  });

  it('has not run dry before the start when there is no task', async () => {
    const loop = makeLoop({ tasks: 0 });
    loop.takeFirst();
    expect(loop.ranDryNs()).toBe(0);
    loop.start();
    await loop.finished;
    expect(loop.end()).toBe('tasks-done');
  });
});

describe('SlotLoop over a store that does nothing', () => {
  it.each(OPERATIONS)('carries out %s without a failure', async (operation) => {
    const nowNs = (): number => performance.now() * 1e6;
    const store = await openStore('null:', { nowNs, maxInFlight: 2, fileMode: 'sync', env: {} });
    const memory = allocateRecorder();
    const generator = new PayloadGenerator(seedOf(1n), 8192);
    const meter = new GenerateMeter(new Recorder(memory), nowNs);
    const errors: BenchError[] = [];
    const holder: { loop?: SlotLoop } = {};
    const slots = Array.from(
      { length: 2 },
      () =>
        new Slot(new SlotPayload(generator, 4096, meter), (slot) => holder.loop?.completed(slot)),
    );
    await new Promise<void>((resolve) => {
      holder.loop = new SlotLoop({
        slots,
        source: tasksOf(operation, 50),
        stores: [
          {
            submit: (slot) => {
              store.submit(slot.request);
            },
            release: () => undefined,
            cancelAll: () => undefined,
          },
        ],
        recorder: new Recorder(memory),
        nowNs,
        random: () => 0.5,
        control: new Int32Array(new SharedArrayBuffer(16)),
        endAtNs: Infinity,
        onError: (error) => errors.push(error),
        onFinished: resolve,
      });
      holder.loop.start();
    });
    const stats = new OperationStats();
    stats.add(new RecorderReader(memory).takeDelta());
    expect(errors).toEqual([]);
    expect(stats.ofOperation(operation).operations).toBe(50);
  });
});

describe.each([true, false])('SlotLoop over a store that answers at once: %s', (synchronous) => {
  it('carries out every task once', async () => {
    const loop = makeLoop({ tasks: 1000, slots: 7, synchronous });
    loop.start();
    await loop.finished;
    expect(loop.stats().ofOperation('GET').operations).toBe(1000);
    expect(loop.stats().ofOperation('GET').bytes).toBe(10_000);
    expect(loop.outcomes).toHaveLength(1000);
    expect(loop.end()).toBe('tasks-done');
  });

  it('tells when there was first nothing left to do', async () => {
    const loop = makeLoop({ tasks: 5, slots: 1, synchronous, endAtNs: 1e9 });
    loop.start();
    await loop.finished;
    expect(loop.ranDryNs()).toBe(5000);
  });

  it('finishes when there is nothing to do', async () => {
    const loop = makeLoop({ tasks: 0, synchronous });
    loop.start();
    await loop.finished;
    expect(loop.outcomes).toEqual([]);
    expect(loop.end()).toBe('tasks-done');
  });

  it('starts nothing once the time is up, and counts what was under way', async () => {
    const loop = makeLoop({ tasks: 1000, slots: 1, synchronous, endAtNs: 10_000 });
    loop.start();
    await loop.finished;
    expect(loop.stats().operationCount()).toBe(10);
    expect(loop.end()).toBe('time-up');
    expect(loop.ranDryNs()).toBe(0);
  });

  it('starts nothing once a stop is asked for', async () => {
    const loop = makeLoop({ tasks: 1000, synchronous });
    loop.stop();
    loop.start();
    await loop.finished;
    expect(loop.started()).toBe(0);
    expect(loop.end()).toBe('stopped');
  });

  it('records failures as errors, without a latency', async () => {
    const loop = makeLoop({
      tasks: 10,
      synchronous,
      answer: (task) => (task % 2 === 0 ? 'ok' : 'permission'),
    });
    loop.start();
    await loop.finished;
    expect(loop.stats().operationCount()).toBe(5);
    expect(loop.stats().errors('GET')).toBe(5);
    expect(loop.errors).toHaveLength(5);
  });

  it('does not take an object of another length for a success', async () => {
    const loop = makeLoop({ tasks: 1, synchronous, answer: () => 'short' });
    loop.start();
    await loop.finished;
    expect(loop.stats().errors()).toBe(1);
    expect(loop.errors).toEqual(['INTEGRITY_LENGTH']);
  });

  it('takes a missing object for a success where it may be missing', async () => {
    const loop = makeLoop({
      tasks: 3,
      synchronous,
      mayBeMissing: true,
      answer: () => 'not-found',
    });
    loop.start();
    await loop.finished;
    expect(loop.outcomes).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });
});

describe('SlotLoop', () => {
  it('tries again what may pass, as often as allowed, and counts the attempts', async () => {
    jest.useFakeTimers();
    try {
      const loop = makeLoop({
        tasks: 2,
        maxAttempts: 3,
        answer: (task, attempt) => (task === 0 && attempt < 3 ? 'throttled' : 'ok'),
      });
      loop.start();
      await jest.advanceTimersByTimeAsync(10_000);
      await loop.finished;
      expect(loop.stats().operationCount()).toBe(2);
      expect(loop.stats().retries('GET')).toBe(2);
      expect(loop.stats().errors()).toBe(0);
      // Two failed attempts, and the other task, take 1 µs each; pauses do not move this clock.
      expect(loop.stats().times('GET').retryNs).toBe(3000);
    } finally {
      jest.useRealTimers();
    }
  });

  it('adds the attempts, the waiting and the back-off of the store to its own', async () => {
    const loop = makeLoop({
      tasks: 2,
      slots: 1,
      answer: (task) => (task === 0 ? 'auth' : 'ok'),
      waited: { connectNs: 70, retries: 3, retryNs: 500 },
    });
    loop.start();
    await loop.finished;
    expect(loop.stats().retries('GET')).toBe(6);
    expect(loop.stats().times('GET')).toMatchObject({ connectNs: 140, retryNs: 1000 });
  });

  it('counts GETs that were answered, right or wrong, by what was compared of them', async () => {
    const loop = makeLoop({
      tasks: 6,
      slots: 1,
      answer: (task) => (['ok', 'short', 'not-found'] as const)[task % 3] ?? 'ok',
      expectedBytes: (task) => (task < 3 ? 10 : -1),
    });
    loop.start();
    await loop.finished;
    expect(loop.stats().getChecks).toEqual({ content: 0, length: 2, none: 2 });
  });

  it('waits between attempts as its source says', async () => {
    jest.useFakeTimers();
    try {
      const loop = makeLoop({
        ...{ tasks: 1, slots: 1, maxAttempts: 4, answer: () => 'server' },
        retryPauses: { firstMs: 10, longestMs: 40, multiplier: 3, jitter: 0 },
      });
      loop.start();
      const retries: number[] = [];
      for (const waitMs of [9, 1, 29, 1, 39, 1]) {
        await jest.advanceTimersByTimeAsync(waitMs);
        retries.push(loop.stats().retries());
      }
      await loop.finished;
      expect(retries).toEqual([1, 2, 2, 3, 3, 3]);
      expect(loop.outcomes).toEqual(['failed']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('gives up after the last attempt', async () => {
    jest.useFakeTimers();
    try {
      const loop = makeLoop({ tasks: 1, slots: 1, maxAttempts: 3, answer: () => 'server' });
      loop.start();
      await jest.advanceTimersByTimeAsync(10_000);
      await loop.finished;
      expect(loop.stats().retries()).toBe(2);
      expect(loop.stats().errors()).toBe(1);
      expect(loop.outcomes).toEqual(['failed']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('counts what is cancelled as cancelled, never as an error', async () => {
    const loop = makeLoop({ tasks: 100, slots: 3, answer: () => 'pending' });
    loop.start();
    loop.cancel();
    await loop.finished;
    expect(loop.stats().cancelled('GET')).toBe(3);
    expect(loop.stats().errors()).toBe(0);
    expect(loop.started()).toBe(3);
    expect(loop.end()).toBe('stopped');
    expect(loop.reader.inFlight().every((count) => count === 0)).toBe(true);
  });

  it('does not wait out the pause before another attempt when it is cancelled', async () => {
    const loop = makeLoop({ tasks: 1, slots: 1, maxAttempts: 99, answer: () => 'network' });
    loop.start();
    await Promise.resolve();
    loop.cancel();
    await loop.finished;
    expect(loop.outcomes).toEqual(['cancelled']);
    expect(loop.reader.inFlight().every((count) => count === 0)).toBe(true);
  });

  it('slows down when everything fails, so that a dead server is not flooded', async () => {
    jest.useFakeTimers();
    try {
      const loop = makeLoop({ tasks: 1e9, slots: 1, answer: () => 'network' });
      loop.start();
      await jest.advanceTimersByTimeAsync(5_000);
      expect(loop.started()).toBeLessThan(20);
      loop.cancel();
      await loop.finished;
    } finally {
      jest.useRealTimers();
    }
  });
});

/** Limits that no test reaches, but for those that it sets. */
function limits(more: Partial<ConstructorParameters<typeof ErrorLimits>[0]>): ErrorLimits {
  return new ErrorLimits(
    {
      maxTotalErrors: 1_000,
      maxErrorsPerSecond: 1_000,
      errorRateWindowMs: 1_000,
      pauseMs: 5_000,
      ...more,
    },
    allocateErrorTally(),
  );
}

describe('SlotLoop with limits of errors', () => {
  it.each([true, false])(
    'begins nothing more once they are exceeded (store that answers at once: %s)',
    async (synchronous) => {
      const loop = makeLoop({
        ...{ tasks: 1_000, slots: 2, synchronous, limits: limits({ maxTotalErrors: 3 }) },
        answer: (task) => (task % 2 === 0 ? 'permission' : 'ok'),
      });
      loop.start();
      await loop.finished;
      expect(loop.stats().errors()).toBe(3);
      expect(loop.started()).toBeLessThanOrEqual(6);
      expect(loop.end()).toBe('stopped');
    },
  );

  it('pause a slot after a failure above the rate, before it takes another task', async () => {
    jest.useFakeTimers();
    try {
      const loop = makeLoop({
        ...{ tasks: 100, slots: 1, limits: limits({ maxErrorsPerSecond: 2 }) },
        answer: (task) => (task < 3 ? 'permission' : 'ok'),
      });
      loop.start();
      await jest.advanceTimersByTimeAsync(4_999);
      expect(loop.started()).toBe(3);
      await jest.advanceTimersByTimeAsync(1);
      await loop.finished;
      expect(loop.started()).toBe(100);
    } finally {
      jest.useRealTimers();
    }
  });

  it('let no other slot wait', async () => {
    const loop = makeLoop({
      ...{ tasks: 100, slots: 2, limits: limits({ maxErrorsPerSecond: 0, pauseMs: 86_400_000 }) },
      answer: (task) => (task === 0 ? 'permission' : 'ok'),
    });
    loop.start();
    while (loop.stats().operationCount() < 99) await Promise.resolve();
    loop.cancel();
    await loop.finished;
    expect(loop.outcomes).toHaveLength(100);
  });

  it('pause no longer than until the time is up, and then begin nothing', async () => {
    jest.useFakeTimers();
    try {
      const held = limits({ maxErrorsPerSecond: 0, pauseMs: 86_400_000 });
      const loop = makeLoop({
        ...{ tasks: 100, slots: 1, endAtNs: 3e9, limits: held, answer: () => 'permission' },
      });
      loop.start();
      // The clock stands still, as if the timer came early.
      await jest.advanceTimersByTimeAsync(3_000);
      await loop.finished;
      expect(loop.started()).toBe(1);
      expect(loop.end()).toBe('time-up');
      expect(held.slowdown).toContain('1 failures were followed by a pause, 3s');
    } finally {
      jest.useRealTimers();
    }
  });

  it('wake a slot that pauses when the stage is stopped', async () => {
    const loop = makeLoop({
      ...{ tasks: 100, slots: 1, limits: limits({ maxErrorsPerSecond: 0 }) },
      answer: () => 'permission',
    });
    loop.start();
    await Promise.resolve();
    loop.cancel();
    await loop.finished;
    expect(loop.started()).toBe(1);
    expect(loop.stats().cancelled()).toBe(0);
  });
});
