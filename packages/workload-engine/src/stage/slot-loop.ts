import { BenchError } from '@sai3bench/errors';
import { type GetCheck, operationIndex, OPERATIONS, type Recorder } from '@sai3bench/stats';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import type { ErrorLimits } from './error-limits.ts';
import { failurePauseMs, retryPauseMs } from './pause.ts';
import { isRefusal } from './refusal.ts';
import type { BatchItem, Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

const GET = operationIndex('GET');
const PUT = operationIndex('PUT');

/** A slot without a task looks again after this time. Slots that end an operation look at once. */
const LOOK_AGAIN_MS = 1;

/** What takes the requests of slots: a store, by whatever endpoint. */
export interface RequestCarrier {
  /** Sends a slot's request; the slot's completion is called in any case. */
  submit(slot: Slot): void;
  /** Counts a request that was answered, with the error that it ended with. */
  release(slot: Slot, error: BenchError | undefined): void;
  /** Makes every request under way complete soon, as cancelled. */
  cancelAll(): void;
}

interface Pause {
  readonly timer: NodeJS.Timeout;
  readonly goOn: () => void;
}

/** Why a loop has ended: the strongest reason of any of its slots. */
export type LoopEnd = 'time-up' | 'tasks-done' | 'stopped';

const STRENGTH: Readonly<Record<LoopEnd, number>> = { 'time-up': 0, 'tasks-done': 1, stopped: 2 };

/** What a loop works with. */
export interface SlotLoopOptions {
  readonly slots: readonly Slot[];
  readonly source: TaskSource;
  readonly stores: readonly RequestCarrier[];
  readonly recorder: Recorder;
  readonly nowNs: () => number;
  /** Yields numbers in [0, 1). */
  readonly random: () => number;
  /** Words of the run's control memory. */
  readonly control: Int32Array;
  /** When nothing new may start any more; Infinity for stages that end with their tasks. */
  readonly endAtNs: number;
  /** What the workload says of operations that fail, where it says something. */
  readonly limits?: ErrorLimits | undefined;
  readonly onError: (error: BenchError, slot: Slot) => void;
  readonly onFinished: () => void;
}

/**
 * Keeps every slot busy until the tasks are done, the time is up or a stop is asked for. Works the same whether
 * stores answer at once (blocking file calls) or later (sockets).
 */
export class SlotLoop {
  readonly #options: SlotLoopOptions;
  readonly #pauses = new Map<Slot, Pause>();
  readonly #parked = new Set<Slot>();
  #lookAgain: NodeJS.Timeout | undefined;
  #running: number;
  /** The slot whose request is being handed to a store right now. */
  #submitting: Slot | undefined;
  #cancelled = false;
  #reason: LoopEnd = 'time-up';
  #ranDryNs = 0;
  #firstStartNs = Infinity;
  #lastEndNs = 0;

  constructor(options: SlotLoopOptions) {
    this.#options = options;
    this.#running = options.slots.length;
  }

  /** Why it has ended, once it has. */
  get end(): LoopEnd {
    return this.#reason;
  }

  /** When a slot first found no task left; 0 when none did. */
  get ranDryNs(): number {
    return this.#ranDryNs;
  }

  /** Start of the first operation; Infinity when there was none. */
  get firstStartNs(): number {
    return this.#firstStartNs;
  }

  /** End of the last operation; 0 when there was none. */
  get lastEndNs(): number {
    return this.#lastEndNs;
  }

  start(): void {
    for (const slot of this.#options.slots) this.#advance(slot);
  }

  /** Stops everything that is under way; operations end as cancelled. */
  cancel(): void {
    this.#cancelled = true;
    for (const store of this.#options.stores) store.cancelAll();
    for (const slot of [...this.#pauses.keys()]) this.#wake(slot);
    this.#unpark();
  }

  /** A slot's answer has arrived. */
  readonly completed = (slot: Slot): void => {
    slot.pending = false;
    this.#settle(slot);
    if (this.#submitting !== slot) this.#advance(slot);
  };

  /** Starts operations in a slot until one has to be waited for. */
  #advance(slot: Slot): void {
    while (!slot.pending) {
      if (slot.attempts === 0 && this.#backOff(slot)) return;
      if (slot.attempts === 0 && !this.#take(slot)) {
        if (!this.#parked.has(slot)) this.#retire();
        return;
      }
      if (this.#pauseFor(slot)) return;
      this.#submit(slot);
    }
  }

  /** A slot does nothing more. */
  #retire(): void {
    if (--this.#running === 0) this.#options.onFinished();
  }

  /** Takes the next task for a slot. */
  #take(slot: Slot): boolean {
    const { endAtNs, nowNs, recorder, source } = this.#options;
    const instantNs = nowNs();
    if (instantNs >= endAtNs) return false;
    if (this.#stopping()) return this.#endBecause('stopped');
    if (slot.batch.length > 0) slot.batch.length = 0;
    slot.check.skip(slot.request);
    slot.fixedEndpoint = undefined;
    if (!source.next(slot)) {
      if (source.mayHaveMore?.() === true) return this.#park(slot);
      if (this.#ranDryNs === 0) this.#ranDryNs = instantNs;
      return this.#endBecause('tasks-done');
    }
    for (let object = 0; object < objectsOf(slot); object++) recorder.started(slot.operation);
    return true;
  }

  /** Lets a slot look for a task again a little later. */
  #park(slot: Slot): false {
    this.#parked.add(slot);
    this.#lookAgain ??= setTimeout(() => {
      this.#unpark();
    }, LOOK_AGAIN_MS);
    return false;
  }

  #unpark(): void {
    clearTimeout(this.#lookAgain);
    this.#lookAgain = undefined;
    const slots = [...this.#parked];
    this.#parked.clear();
    for (const slot of slots) this.#advance(slot);
  }

  #endBecause(reason: LoopEnd): false {
    if (STRENGTH[reason] > STRENGTH[this.#reason]) this.#reason = reason;
    return false;
  }

  #submit(slot: Slot): void {
    const group = this.#options.stores[slot.store];
    if (group === undefined) return;
    slot.attempts++;
    slot.check.startAgain();
    slot.pending = true;
    this.#submitting = slot;
    group.submit(slot);
    this.#submitting = undefined;
  }

  /** Records an answer and decides whether the slot tries again. */
  #settle(slot: Slot): void {
    const { recorder, source, stores } = this.#options;
    const { request } = slot;
    const error = request.error ?? lengthError(slot) ?? slot.check.error(request);
    stores[slot.store]?.release(slot, error);
    if (request.error === undefined && slot.operation === GET) recorder.checkedGet(checkOf(slot));
    if (request.retries > 0) recorder.retried(slot.operation, request.retries);
    if (request.startNs < this.#firstStartNs) this.#firstStartNs = request.startNs;
    if (request.endNs > this.#lastEndNs) this.#lastEndNs = request.endNs;
    if (error === undefined) {
      this.#succeed(slot);
    } else if (error.class === 'cancelled') {
      this.#noteWaiting(slot);
      this.#recordCancelled(slot);
      this.#end(slot, 'cancelled');
    } else if (error.class === 'not-found' && slot.mayBeMissing) {
      this.#succeed(slot);
    } else if (this.#mayRetry(slot, error)) {
      this.#goOn(slot, 1);
    } else if (!this.#stopping() && source.putsOff?.(slot, error) === true) {
      this.#noteWaiting(slot);
      recorder.retried(slot.operation, 1);
      recorder.putOff(slot.operation);
      slot.failuresInRow++;
      this.#end(slot);
    } else {
      this.#noteWaiting(slot);
      for (let object = 0; object < objectsOf(slot); object++) this.#fail(slot, error);
      if (source.looksFor?.(error) !== true) slot.failuresInRow++;
      slot.refused = slot.attempts === 1 && request.retries === 0 && isRefusal(error);
      this.#end(slot, 'failed');
    }
  }

  /** Records what an operation that is over has waited for beside its last attempt. */
  #noteWaiting(slot: Slot): void {
    const { connectNs, retryNs, startNs } = slot.request;
    if (connectNs === 0 && retryNs === 0 && slot.firstStartNs < 0) return;
    const allNs = slot.firstStartNs < 0 ? retryNs : startNs - slot.firstStartNs;
    this.#options.recorder.waited(slot.operation, connectNs, allNs);
  }

  #succeed(slot: Slot): void {
    const { operation, request } = slot;
    this.#options.limits?.succeeded();
    if (slot.batch.length > 0) {
      this.#settleBatch(slot);
      return;
    }
    this.#noteWaiting(slot);
    slot.failuresInRow = 0;
    const bytes = operation === GET || operation === PUT ? request.bytes : 0;
    const { startNs, firstByteNs, endNs } = request;
    // A closed loop starts when its slot is free: that is its intended start, not a delay.
    this.#options.recorder.succeeded(operation, bytes, startNs, startNs, firstByteNs, endNs);
    this.#end(slot, 'succeeded');
  }

  /** Counts a failed operation, or one object of several that failed together. */
  #fail(slot: Slot, error: BenchError): void {
    const { limits, nowNs, onError, recorder } = this.#options;
    recorder.failed(slot.operation);
    // First: with the failure that is one too many, what has failed is told at once.
    if (limits !== undefined) slot.backOffMs = Math.max(slot.backOffMs, limits.failed(nowNs()));
    onError(error, slot);
  }

  /** Whether an operation that failed is tried again. */
  #mayRetry(slot: Slot, error: BenchError): boolean {
    const { maxAttempts } = this.#options.source;
    return error.retryable && slot.attempts < maxAttempts && !this.#stopping();
  }

  /** Leaves a slot with its operation, for another attempt after a pause. */
  #goOn(slot: Slot, failedAttempts: number): void {
    const { recorder } = this.#options;
    const { operation, request } = slot;
    recorder.retried(operation, failedAttempts);
    if (slot.firstStartNs < 0) slot.firstStartNs = request.startNs - request.retryNs;
    if (request.connectNs > 0) recorder.waited(operation, request.connectNs, 0);
    slot.failuresInRow++;
  }

  /**
   * Settles each object of a batch that was answered. The slot goes on with those that failed alone, as long as that may
   * pass; for all others the operation is over.
   */
  #settleBatch(slot: Slot): void {
    const { batch, batchFailures } = slot;
    const over: BatchItem[] = [];
    const again: BatchItem[] = [];
    for (const item of batch) {
      const error = batchFailures.get(item.key);
      (error !== undefined && this.#mayRetry(slot, error) ? again : over).push(item);
    }
    for (const { key } of over) this.#recordOfBatch(slot, key, batchFailures.get(key));
    if (again.length === 0) {
      this.#noteWaiting(slot);
      slot.failuresInRow = 0;
      this.#end(slot, 'succeeded');
      return;
    }
    batch.splice(0, batch.length, ...over);
    this.#options.source.ended(slot, 'succeeded');
    batch.splice(0, batch.length, ...again);
    this.#goOn(slot, again.length);
  }

  /** Records one object of a batch: with the times of its own request, or with those of the batch's. */
  #recordOfBatch(slot: Slot, key: string, error: BenchError | undefined): void {
    const { recorder } = this.#options;
    const { operation, request } = slot;
    if (error === undefined) {
      const { startNs, firstByteNs, endNs } = slot.batchTimes.get(key) ?? request;
      recorder.succeeded(operation, 0, startNs, startNs, firstByteNs, endNs);
    } else if (error.class === 'cancelled') {
      recorder.cancelled(operation);
    } else {
      request.key = key;
      this.#fail(slot, error);
    }
  }

  #recordCancelled(slot: Slot): void {
    const { recorder } = this.#options;
    for (let object = 0; object < objectsOf(slot); object++) recorder.cancelled(slot.operation);
  }

  /** @param outcome undefined when the operation goes on later */
  #end(slot: Slot, outcome?: Outcome): void {
    slot.attempts = 0;
    slot.firstStartNs = -1;
    if (outcome !== undefined) this.#options.source.ended(slot, outcome);
  }

  /** Pauses before the next operation because too much fails, at most until the time is up. */
  #backOff(slot: Slot): boolean {
    const { backOffMs } = slot;
    if (backOffMs === 0) return false;
    const { endAtNs, limits, nowNs } = this.#options;
    slot.backOffMs = 0;
    const leftMs = (endAtNs - nowNs()) / 1e6;
    const pauseMs = Math.min(backOffMs, leftMs);
    if (pauseMs <= 0 || this.#stopping()) return false;
    // The slot has slowed down enough.
    slot.failuresInRow = 0;
    limits?.paused(pauseMs);
    this.#pause(slot, pauseMs, () => {
      // A timer may be early: what has paused until the end would begin another operation before it.
      if (pauseMs === leftMs && !this.#stopping()) this.#retire();
      else this.#advance(slot);
    });
    return true;
  }

  /** Waits before the next attempt, or before the next operation after failures in a row. */
  #pauseFor(slot: Slot): boolean {
    if (slot.failuresInRow === 0) return false;
    const { random, source } = this.#options;
    const pauseMs =
      slot.attempts > 0
        ? retryPauseMs(slot.attempts, random(), source.retryPauses)
        : failurePauseMs(slot.failuresInRow);
    if (pauseMs === 0) return false;
    this.#pause(slot, pauseMs, () => {
      this.#resume(slot);
    });
    return true;
  }

  #pause(slot: Slot, pauseMs: number, goOn: () => void): void {
    slot.pending = true;
    const timer = setTimeout(() => {
      this.#wake(slot);
    }, pauseMs);
    this.#pauses.set(slot, { timer, goOn });
  }

  #wake(slot: Slot): void {
    const pause = this.#pauses.get(slot);
    if (pause === undefined) return;
    clearTimeout(pause.timer);
    this.#pauses.delete(slot);
    slot.pending = false;
    pause.goOn();
  }

  /** Goes on with an operation after a pause; when the stage was stopped meanwhile, it is cancelled. */
  #resume(slot: Slot): void {
    if (this.#stopping()) {
      this.#recordCancelled(slot);
      this.#end(slot, 'cancelled');
    } else {
      this.#submit(slot);
    }
    this.#advance(slot);
  }

  #stopping(): boolean {
    const { control, limits } = this.#options;
    return (
      this.#cancelled ||
      Atomics.load(control, CONTROL_WORDS.stop) === 1 ||
      limits?.isExceeded === true
    );
  }
}

/** How many objects a slot's request is about: each counts as an operation. */
function objectsOf({ batch }: Slot): number {
  return Math.max(1, batch.length);
}

/** How far the answer of a GET was compared with what had been written. */
function checkOf({ check, expectedBytes, request }: Slot): GetCheck {
  if (check.hasCompared(request)) return 'content';
  return expectedBytes < 0 ? 'none' : 'length';
}

/** An object of another length than the plan says is not what was written. */
function lengthError(slot: Slot): BenchError | undefined {
  const { expectedBytes, request } = slot;
  if (request.operation !== 'GET' && request.operation !== 'STAT') return undefined;
  if (expectedBytes < 0 || request.bytes === expectedBytes) return undefined;
  return new BenchError(
    `${OPERATIONS[slot.operation] ?? ''} ${request.key} returned ${String(request.bytes)} bytes, but the object was written with ${String(expectedBytes)}`,
    {
      code: 'INTEGRITY_LENGTH',
      class: 'integrity',
      key: request.key,
      hint: 'the object was replaced or truncated since prepare: look for another writer',
    },
  );
}
