import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { MAX_WORKERS, putCounterIndex } from '../memory/run-memory.ts';
import { putNamePrefix } from '../selection/put-names.ts';
import { PutKeys } from './put-keys.ts';

interface Names {
  readonly store: number;
  readonly keys: PutKeys;
  /** Number at the end of the first. */
  readonly begin: number;
  readonly count: number;
}

/** The names that the workload of this run has used for its PUTs, and that are not yet gone, as one range of numbers. */
export class PutSpan {
  readonly total: number;
  readonly #names: readonly Names[];

  /**
   * @param counters names used, by entry and worker; see memory/run-memory.ts
   * @param deleted how many of them, from the first on, were deleted already
   */
  constructor(plan: AgentPlan, counters: Float64Array, deleted: Float64Array = new Float64Array()) {
    this.#names = plan.operations.flatMap((operation, entry) => {
      if (operation.op !== 'put') return [];
      return Array.from({ length: MAX_WORKERS }, (_, worker) => {
        const cell = putCounterIndex(plan.operations.length, entry, worker);
        const begin = deleted[cell] ?? 0;
        return {
          ...{ store: operation.store, begin },
          keys: new PutKeys(operation, putNamePrefix(plan.runId, plan.agentIndex, entry, worker)),
          count: (counters[cell] ?? 0) - begin,
        };
      }).filter(({ count }) => count > 0);
    });
    this.total = this.#names.reduce((sum, { count }) => sum + count, 0);
  }

  /** Store and key of PUT number `position`, 0 to `total` - 1. */
  at(position: number): { store: number; key: string } {
    let rest = position;
    for (const { begin, count, keys, store } of this.#names) {
      if (rest < count) return { store, key: keys.keyOf(begin + rest) };
      rest -= count;
    }
    throw new RangeError(`there is no PUT number ${String(position)}`);
  }
}
