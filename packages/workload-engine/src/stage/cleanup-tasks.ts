import type { ObjectState } from '@sai3bench/metadata-cache';
import { operationIndex } from '@sai3bench/stats';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { PoolSpan } from './pool-span.ts';
import { PutSpan } from './put-span.ts';
import type { BatchItem, Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

const DELETE = operationIndex('DELETE');

/** States of objects that this dataset has made, or may have made. What was found was made by somebody else. */
const LEDGERED: ReadonlySet<ObjectState> = new Set(['creating', 'created', 'failed']);

/** An object that is to be deleted. */
interface Doomed extends BatchItem {
  readonly store: number;
  /** Whether it is no failure when it is not there. */
  readonly mayBeMissing: boolean;
}

/**
 * Deletes what this run has created, and nothing else: the prepared objects by their states, then the names that
 * the workload has put since the last cleanup stage that left none of them. An object whose creation was not acknowledged
 * may be there or not; both are fine. Many objects go into one request where the store can.
 */
export class CleanupTasks implements TaskSource {
  readonly maxAttempts = 4;
  readonly #context: WorkerContext;
  readonly #prepared: PoolSpan;
  readonly #puts: PutSpan;
  readonly #claims: ClaimCursor;
  /** Taken already, but for another store than that of the batch it was taken for. */
  #held: Doomed | undefined;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#prepared = new PoolSpan(context.pools);
    const { memory, plan } = context.setup;
    this.#puts = new PutSpan(plan, context.putCounters, new Float64Array(memory.putsDeleted));
    this.#claims = new ClaimCursor(
      context.control,
      CONTROL_WORDS.claims,
      this.#prepared.total + this.#puts.total,
      context.setup.totalSlots,
    );
  }

  next(slot: Slot): boolean {
    const first = this.#held ?? this.#take();
    this.#held = undefined;
    if (first === undefined) return false;
    slot.operation = DELETE;
    slot.request.operation = 'DELETE';
    slot.request.key = first.key;
    slot.expectedBytes = -1;
    slot.store = first.store;
    slot.pool = first.pool;
    slot.object = first.object;
    slot.mayBeMissing = first.mayBeMissing;
    const most = this.#context.stores[first.store]?.deleteBatch ?? 1;
    if (most > 1) this.#fillBatch(slot, first, most);
    return true;
  }

  /** Adds what else of the same store is to be deleted. */
  #fillBatch(slot: Slot, first: Doomed, most: number): void {
    slot.batch.push(first);
    while (slot.batch.length < most) {
      const next = this.#take();
      if (next === undefined) return;
      if (next.store !== first.store) {
        this.#held = next;
        return;
      }
      slot.batch.push(next);
    }
  }

  #take(): Doomed | undefined {
    for (let position = this.#claims.next(); position >= 0; position = this.#claims.next()) {
      if (position >= this.#prepared.total) {
        const { key, store } = this.#puts.at(position - this.#prepared.total);
        return { key, store, pool: -1, object: -1, mayBeMissing: true };
      }
      const prepared = this.#prepared.at(position);
      const doomed = this.#preparedObject(prepared.pool, prepared.index);
      if (doomed !== undefined) return doomed;
    }
    return undefined;
  }

  /** A prepared object, unless it was never begun or is gone already. */
  #preparedObject(pool: number, object: number): Doomed | undefined {
    const objects = this.#context.pools[pool];
    const state = objects?.stateOf(object) ?? 'planned';
    if (objects === undefined || !LEDGERED.has(state)) return undefined;
    return {
      key: objects.dataset.keyOf(object),
      store: objects.plan.store,
      pool,
      object,
      mayBeMissing: state !== 'created' || this.#context.setup.plan.cleanup.mode !== 'strict',
    };
  }

  ended(slot: Slot, outcome: Outcome): void {
    if (outcome !== 'succeeded') return;
    if (slot.batch.length === 0) this.#noteDeleted(slot);
    for (const item of slot.batch) {
      if (!slot.batchFailures.has(item.key)) this.#noteDeleted(item);
    }
  }

  #noteDeleted({ object, pool }: Pick<BatchItem, 'object' | 'pool'>): void {
    this.#context.pools[pool]?.setState(object, 'deleted');
  }
}
