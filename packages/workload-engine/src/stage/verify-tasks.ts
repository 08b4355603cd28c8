import { BenchError } from '@sai3bench/errors';
import { operationIndex } from '@sai3bench/stats';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { beginOperation } from './begin-operation.ts';
import type { PoolObjects } from './pool-objects.ts';
import { PoolSpan } from './pool-span.ts';
import type { Slot } from './slot.ts';
import type { TaskSource } from './task-source.ts';
import { isFinding } from './verify-findings.ts';

const GET = operationIndex('GET');
/** Objects that are passed over in a row before something else gets its turn: a signal to stop, for one. */
const MAX_PASSED = 1_024;

/**
 * Reads each of the agent's own objects once and has its length and all of its content compared with what the plan says.
 * What is known not to be there is not asked for, but counts as missing.
 */
export class VerifyTasks implements TaskSource {
  readonly maxAttempts = 4;
  readonly #context: WorkerContext;
  readonly #span: PoolSpan;
  readonly #claims: ClaimCursor;
  readonly #onMissing: (error: BenchError, slot: Slot) => void;
  #mayHaveMore = false;

  /** @param onMissing told of an object that is not asked for; the slot says which */
  constructor(context: WorkerContext, onMissing: (error: BenchError, slot: Slot) => void) {
    this.#context = context;
    this.#onMissing = onMissing;
    this.#span = new PoolSpan(context.pools);
    this.#claims = new ClaimCursor(
      context.control,
      CONTROL_WORDS.claims,
      this.#span.total,
      context.setup.totalSlots,
    );
  }

  next(slot: Slot): boolean {
    this.#mayHaveMore = false;
    for (let passed = 0; passed < MAX_PASSED; passed++) {
      const position = this.#claims.next();
      if (position < 0) return false;
      const { index, pool } = this.#span.at(position);
      const objects = this.#context.pools[pool];
      if (objects === undefined) continue;
      this.#choose(slot, objects, index);
      const state = objects.stateOf(index);
      if (state !== 'planned' && state !== 'deleted') return true;
      this.#pass(slot, state);
    }
    this.#mayHaveMore = true;
    return false;
  }

  looksFor(error: BenchError): boolean {
    return isFinding(error);
  }

  mayHaveMore(): boolean {
    return this.#mayHaveMore;
  }

  ended(): void {
    // What an object is like changes nothing of what is known to have been written.
  }

  #choose(slot: Slot, { dataset, plan }: PoolObjects, index: number): void {
    const sizeBytes = dataset.sizeOf(index);
    beginOperation(slot, 'GET', plan.store);
    slot.request.key = dataset.keyOf(index);
    slot.request.sizeBytes = sizeBytes;
    slot.expectedBytes = sizeBytes;
    slot.mayBeMissing = false;
    slot.check.compare(slot.request, dataset.content, { index, sizeBytes });
  }

  #pass(slot: Slot, state: 'planned' | 'deleted'): void {
    const { recorder } = this.#context;
    const { key } = slot.request;
    // No endpoint was asked.
    slot.endpoint = -1;
    slot.check.skip(slot.request);
    recorder.started(GET);
    recorder.failed(GET);
    this.#onMissing(
      new BenchError(
        state === 'deleted' ? `${key} was deleted by a run` : `${key} was never written`,
        {
          code: state === 'deleted' ? 'VERIFY_DELETED' : 'VERIFY_NOT_WRITTEN',
          class: 'not-found',
          key,
          hint: 'run the workload: its prepare stage makes what is missing',
        },
      ),
      slot,
    );
  }
}
