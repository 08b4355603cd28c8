import { operationIndex } from '@sai3bench/stats';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { PoolSpan } from './pool-span.ts';
import type { Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

const PUT = operationIndex('PUT');

/** Creates the agent's own objects of every pool, in order, dealt to the workers. */
export class PrepareTasks implements TaskSource {
  readonly maxAttempts = 4;
  readonly #context: WorkerContext;
  readonly #span: PoolSpan;
  readonly #claims: ClaimCursor;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#span = new PoolSpan(context.pools);
    this.#claims = new ClaimCursor(
      context.control,
      CONTROL_WORDS.claims,
      this.#span.total,
      context.setup.totalSlots,
    );
  }

  next(slot: Slot): boolean {
    const position = this.#claims.next();
    if (position < 0) return false;
    const { index, pool } = this.#span.at(position);
    const objects = this.#context.pools[pool];
    if (objects === undefined) return false;
    const { request } = slot;
    slot.operation = PUT;
    slot.store = objects.plan.store;
    slot.pool = pool;
    slot.object = index;
    slot.mayBeMissing = false;
    slot.expectedBytes = -1;
    request.operation = 'PUT';
    request.key = objects.dataset.keyOf(index);
    request.sizeBytes = objects.dataset.sizeOf(index);
    slot.payload.select(objects.dataset.content, { index, sizeBytes: request.sizeBytes });
    objects.setState(index, 'creating');
    return true;
  }

  ended(slot: Slot, outcome: Outcome): void {
    const objects = this.#context.pools[slot.pool];
    if (outcome === 'succeeded') objects?.setState(slot.object, 'created');
    else if (outcome === 'failed') objects?.setState(slot.object, 'failed');
  }
}
