import { shardOf } from '@sai3bench/datagen';
import type { AgentPlan, OperationPlan } from '@sai3bench/workload-config/plan';
import { MAX_WORKERS, putCounterIndex } from '../memory/run-memory.ts';
import { putEntryPrefix, putNamePrefix } from '../selection/put-names.ts';
import { PutKeys } from './put-keys.ts';

type PutOperation = Extract<OperationPlan, { op: 'put' }>;

/** A prefix below which objects are that the workload of this run has put. */
export interface PutListing {
  readonly store: number;
  readonly prefix: string;
  /** Whether a key below the prefix is a name that was used. */
  readonly isOwn: (key: string) => boolean;
}

/**
 * Prefixes that together cover all names that the workload of this run has used for its PUTs.
 *
 * @param counters names used, by entry and worker; see memory/run-memory.ts
 */
export function putListings(plan: AgentPlan, counters: Float64Array): PutListing[] {
  return usedEntries(plan, counters).flatMap(({ isOwn, name, operation }) => {
    const { prefix, shards, store } = operation;
    return Array.from({ length: Math.max(1, shards) }, (_, shard) => ({
      ...{ store, isOwn },
      prefix: prefix + shardOf(shard, shards) + name,
    }));
  });
}

/** The same, with no more than one prefix for each entry of the mix: for listings that find few keys of anybody. */
export function putPlaces(plan: AgentPlan, counters: Float64Array): PutListing[] {
  return usedEntries(plan, counters).map(({ isOwn, name, operation }) => {
    const { prefix, shards, store } = operation;
    return { store, isOwn, prefix: shards === 0 ? prefix + name : prefix };
  });
}

/** An entry of the mix that has put something. */
interface UsedEntry {
  readonly operation: PutOperation;
  /** What its names begin with. */
  readonly name: string;
  readonly isOwn: (key: string) => boolean;
}

function usedEntries(plan: AgentPlan, counters: Float64Array): UsedEntry[] {
  return plan.operations.flatMap((operation, entry) => {
    if (operation.op !== 'put') return [];
    const used = Array.from(
      { length: MAX_WORKERS },
      (_, worker) => counters[putCounterIndex(plan.operations.length, entry, worker)] ?? 0,
    );
    if (used.every((count) => count === 0)) return [];
    const { agentIndex, runId } = plan;
    const name = putEntryPrefix(runId, agentIndex, entry);
    const isOwn = (key: string): boolean => {
      const rest = key.slice(key.lastIndexOf('/') + 1 + name.length);
      const [, workerText = '', numberText = ''] = /^(\d+)-(\d+)$/.exec(rest) ?? [];
      const [worker, number] = [Number(workerText), Number(numberText)];
      if (numberText === '' || number >= (used[worker] ?? 0)) return false;
      const keys = new PutKeys(operation, putNamePrefix(runId, agentIndex, entry, worker));
      return keys.keyOf(number) === key;
    };
    return [{ operation, name, isOwn }];
  });
}
