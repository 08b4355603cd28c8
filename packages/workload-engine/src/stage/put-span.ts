import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { MAX_WORKERS, putCounterIndex } from '../memory/run-memory.ts';
import { putNamePrefix } from '../selection/put-names.ts';
import { PutKeys } from './put-keys.ts';

interface Names {
  readonly store: number;
  readonly keys: PutKeys;
  readonly count: number;
}

/** All names that the workload of this run has used for its PUTs, as one range of numbers. */
export class PutSpan {
  readonly total: number;
  readonly #names: readonly Names[];

  /** @param counters names used, by entry and worker; see memory/run-memory.ts */
  constructor(plan: AgentPlan, counters: Float64Array) {
    this.#names = plan.operations.flatMap((operation, entry) => {
      if (operation.op !== 'put') return [];
      return Array.from({ length: MAX_WORKERS }, (_, worker) => ({
        store: operation.store,
        keys: new PutKeys(operation, putNamePrefix(plan.runId, plan.agentIndex, entry, worker)),
        count: counters[putCounterIndex(plan.operations.length, entry, worker)] ?? 0,
      })).filter(({ count }) => count > 0);
    });
    this.total = this.#names.reduce((sum, { count }) => sum + count, 0);
  }

  /** Store and key of PUT number `position`, 0 to `total` - 1. */
  at(position: number): { store: number; key: string } {
    let rest = position;
    for (const { count, keys, store } of this.#names) {
      if (rest < count) return { store, key: keys.keyOf(rest) };
      rest -= count;
    }
    throw new RangeError(`there is no PUT number ${String(position)}`);
  }
}
