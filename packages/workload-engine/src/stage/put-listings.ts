import { shardOf } from '@sai3bench/datagen';
import type { AgentPlan, OperationPlan } from '@sai3bench/workload-config';
import { MAX_WORKERS, putCounterIndex } from '../memory/run-memory.ts';
import { putEntryPrefix, putNamePrefix } from '../selection/put-names.ts';
import { PutKeys } from './put-keys.ts';

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
  return plan.operations.flatMap((operation, entry) => {
    if (operation.op !== 'put') return [];
    const used = Array.from(
      { length: MAX_WORKERS },
      (_, worker) => counters[putCounterIndex(plan.operations.length, entry, worker)] ?? 0,
    );
    if (used.every((count) => count === 0)) return [];
    return listingsOf(plan, operation, entry, used);
  });
}

function listingsOf(
  plan: AgentPlan,
  operation: Extract<OperationPlan, { op: 'put' }>,
  entry: number,
  used: readonly number[],
): PutListing[] {
  const { agentIndex, runId } = plan;
  const { shards, store } = operation;
  const isUsed = (key: string, rest: string): boolean => {
    const [, workerText = '', numberText = ''] = /^(\d+)-(\d+)$/.exec(rest) ?? [];
    const [worker, number] = [Number(workerText), Number(numberText)];
    if (numberText === '' || number >= (used[worker] ?? 0)) return false;
    const keys = new PutKeys(operation, putNamePrefix(runId, agentIndex, entry, worker));
    return keys.keyOf(number) === key;
  };
  return Array.from({ length: Math.max(1, shards) }, (_, shard) => {
    const place = operation.prefix + shardOf(shard, shards);
    const prefix = place + putEntryPrefix(runId, agentIndex, entry);
    return { store, prefix, isOwn: (key) => isUsed(key, key.slice(prefix.length)) };
  });
}
