import type { AgentPlan } from '@sai3bench/workload-config';
import { MAX_WORKERS, putCounterIndex } from '../memory/run-memory.ts';
import { putNamePrefix } from '../selection/put-names.ts';

interface Names {
  readonly store: number;
  /** Everything of the key but the number at its end. */
  readonly keyPrefix: string;
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
        keyPrefix: operation.prefix + putNamePrefix(plan.runId, plan.agentIndex, entry, worker),
        count: counters[putCounterIndex(plan.operations.length, entry, worker)] ?? 0,
      })).filter(({ count }) => count > 0);
    });
    this.total = this.#names.reduce((sum, { count }) => sum + count, 0);
  }

  /** Store and key of PUT number `position`, 0 to `total` - 1. */
  at(position: number): { store: number; key: string } {
    let rest = position;
    for (const { count, keyPrefix, store } of this.#names) {
      if (rest < count) return { store, key: keyPrefix + String(rest) };
      rest -= count;
    }
    throw new RangeError(`there is no PUT number ${String(position)}`);
  }
}
