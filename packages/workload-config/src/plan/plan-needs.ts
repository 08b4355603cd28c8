import { meanSizeBytes } from '@sai3bench/datagen';
import { runsMix } from '../workload.ts';
import type { AgentPlan } from './agent-plan.ts';

/** What a plan will do to one of its stores: what a check before the run must ask for, and no more. */
export interface StoreNeeds {
  readonly read: boolean;
  readonly write: boolean;
  readonly list: boolean;
  readonly remove: boolean;
  /** Estimate of the bytes that prepare will write. */
  readonly prepareBytes: number;
}

/** The needs of a plan, by store. */
export function storeNeeds(plan: AgentPlan): StoreNeeds[] {
  const kinds = new Set(plan.stages.map(({ kind }) => kind));
  const operations = plan.stages.some(({ kind }) => runsMix(kind)) ? plan.operations : [];
  return plan.stores.map((_, store) => {
    const ofStore = plan.pools.filter((pool) => pool.store === store);
    const prepares = kinds.has('prepare') && ofStore.length > 0;
    const uses = (ops: readonly string[]): boolean =>
      operations.some(
        (operation) => ops.includes(operation.op) && usesStore(plan, operation, store),
      );
    const puts = uses(['put', 'mkdir']);
    return {
      read: uses(['get', 'stat']) || (kinds.has('verify') && ofStore.length > 0),
      write: prepares || puts,
      list: operations.some((operation) => lists(operation, store)),
      remove: uses(['delete', 'rmdir']) || (kinds.has('cleanup') && (prepares || puts)),
      prepareBytes: prepares
        ? ofStore.reduce(
            (sum, pool) => sum + (pool.own.end - pool.own.begin) * meanSizeBytes(pool.sizes),
            0,
          )
        : 0,
    };
  });
}

type Operation = AgentPlan['operations'][number];

function usesStore(plan: AgentPlan, operation: Operation, store: number): boolean {
  if (!('source' in operation)) return operation.store === store;
  const { source } = operation;
  return source.type === 'pools'
    ? source.pools.some((pool) => plan.pools[pool]?.store === store)
    : source.store === store;
}

function lists(operation: Operation, store: number): boolean {
  if (operation.op === 'list') return operation.store === store;
  return (
    'source' in operation && operation.source.type === 'listing' && operation.source.store === store
  );
}
