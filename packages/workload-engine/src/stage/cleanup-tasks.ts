import { operationIndex } from '@sai3bench/stats';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { PoolSpan } from './pool-span.ts';
import { PutSpan } from './put-span.ts';
import type { Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

const DELETE = operationIndex('DELETE');

/**
 * Deletes what this run has created, and nothing else: the prepared objects by their states, then the names that
 * the workload has put. An object whose creation was not acknowledged may be there or not; both are fine.
 */
export class CleanupTasks implements TaskSource {
  readonly maxAttempts = 4;
  readonly #context: WorkerContext;
  readonly #prepared: PoolSpan;
  readonly #puts: PutSpan;
  readonly #claims: ClaimCursor;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#prepared = new PoolSpan(context.pools);
    this.#puts = new PutSpan(context.setup.plan, context.putCounters);
    this.#claims = new ClaimCursor(
      context.control,
      CONTROL_WORDS.claims,
      this.#prepared.total + this.#puts.total,
      context.setup.totalSlots,
    );
  }

  next(slot: Slot): boolean {
    slot.operation = DELETE;
    slot.request.operation = 'DELETE';
    slot.expectedBytes = -1;
    for (;;) {
      const position = this.#claims.next();
      if (position < 0) return false;
      if (position >= this.#prepared.total) {
        const { key, store } = this.#puts.at(position - this.#prepared.total);
        slot.pool = -1;
        slot.store = store;
        slot.mayBeMissing = true;
        slot.request.key = key;
        return true;
      }
      if (this.#takePrepared(slot, position)) return true;
    }
  }

  /** Puts a prepared object into a slot, unless it was never begun or is gone already. */
  #takePrepared(slot: Slot, position: number): boolean {
    const { index, pool } = this.#prepared.at(position);
    const objects = this.#context.pools[pool];
    const state = objects?.stateOf(index) ?? 'planned';
    if (objects === undefined || state === 'planned' || state === 'deleted') return false;
    slot.pool = pool;
    slot.object = index;
    slot.store = objects.plan.store;
    slot.mayBeMissing = state !== 'created';
    slot.request.key = objects.dataset.keyOf(index);
    return true;
  }

  ended(slot: Slot, outcome: Outcome): void {
    if (slot.pool < 0 || outcome !== 'succeeded') return;
    this.#context.pools[slot.pool]?.setState(slot.object, 'deleted');
  }
}
