import type { BenchError } from '@sai3bench/errors';
import { type GetCheck, operationIndex, OPERATIONS, type Recorder } from '@sai3bench/stats';
import type { ErrorLimits } from './error-limits.ts';
import { settleRange, wrongLength } from './range-answer.ts';
import { isRefusal } from './refusal.ts';
import type { RequestCarrier } from './request-carrier.ts';
import { type BatchItem, objectsOf, type Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

const GET = operationIndex('GET');
const PUT = operationIndex('PUT');

/** What settling answers needs. */
export interface SettlerOptions {
  readonly source: TaskSource;
  readonly stores: readonly RequestCarrier[];
  readonly recorder: Recorder;
  readonly nowNs: () => number;
  /** What the workload says of operations that fail, where it says something. */
  readonly limits?: ErrorLimits | undefined;
  readonly onError: (error: BenchError, slot: Slot) => void;
}

/** Records how requests of slots have ended, and decides whether their operations are over or tried again. */
export class AnswerSettler {
  readonly #options: SettlerOptions;
  readonly #stopping: () => boolean;
  #firstStartNs = Infinity;
  #lastEndNs = 0;

  /** @param stopping whether nothing is to be tried again any more */
  constructor(options: SettlerOptions, stopping: () => boolean) {
    this.#options = options;
    this.#stopping = stopping;
  }

  /** Start of the first operation; Infinity when there was none. */
  get firstStartNs(): number {
    return this.#firstStartNs;
  }

  /** End of the last operation; 0 when there was none. */
  get lastEndNs(): number {
    return this.#lastEndNs;
  }

  /** Records an answer. Afterwards the slot has no attempts where its operation is over. */
  settle(slot: Slot): void {
    const { recorder, source, stores } = this.#options;
    const { request } = slot;
    settleRange(slot);
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
      this.cancel(slot);
    } else if (error.class === 'not-found' && slot.mayBeMissing) {
      this.#succeed(slot);
    } else if (this.#mayRetry(slot, error)) {
      this.#goOn(slot, 1);
    } else if (!this.#stopping() && source.putsOff?.(slot, error) === true) {
      this.#putOff(slot);
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

  /** Counts an operation that failed for now. The limits see it: a storage that is dead must not go unnoticed. */
  #putOff(slot: Slot): void {
    const { limits, nowNs, recorder } = this.#options;
    this.#noteWaiting(slot);
    recorder.retried(slot.operation, 1);
    recorder.putOff(slot.operation);
    if (limits !== undefined) slot.backOffMs = Math.max(slot.backOffMs, limits.putOff(nowNs()));
    slot.failuresInRow++;
    this.#end(slot);
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

  /** Ends a slot's operation as cancelled. */
  cancel(slot: Slot): void {
    const { recorder } = this.#options;
    for (let object = 0; object < objectsOf(slot); object++) recorder.cancelled(slot.operation);
    this.#end(slot, 'cancelled');
  }

  /** @param outcome undefined when the operation goes on later */
  #end(slot: Slot, outcome?: Outcome): void {
    slot.attempts = 0;
    slot.firstStartNs = -1;
    if (outcome !== undefined) this.#options.source.ended(slot, outcome);
  }
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
  const operation = OPERATIONS[slot.operation] ?? '';
  const what =
    request.range === undefined
      ? `${operation} ${request.key} returned ${String(request.bytes)} bytes, but the object was written with ${String(expectedBytes)}`
      : `${operation} ${request.key} returned ${String(request.bytes)} of ${String(expectedBytes)} bytes from byte ${String(request.range.offsetBytes)} on, which the object was written with`;
  return wrongLength(request.key, what);
}
