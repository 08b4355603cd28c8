import { partition } from '@sai3bench/datagen';
import type { EnsureObjects } from '../workload/prepare.ts';
import type { Workload } from '../workload/workload.ts';
import type { PoolPlan } from './agent-plan.ts';
import { checkPoolNames } from './plan-limits.ts';
import { PlanProblem } from './plan-problem.ts';
import { locationOf, seedAt } from './pool-location.ts';
import { DELETABLE_TREE } from './pool-paths.ts';
import type { StoreTable } from './store-table.ts';

/** An agent's place among those that share a dataset. */
export interface AgentShare {
  readonly index: number;
  readonly count: number;
}

/** The stores of an agent, and the same stores as all agents that share them call them. */
export interface PoolStores {
  readonly stores: StoreTable;
  readonly named: StoreTable;
}

/**
 * The pools of a workload: one for each entry of `ensure_objects`, and a second one, for deletion only,
 * when the mix both deletes and reads, so that no read meets a deleted object. In a tree, that is a tree of its own.
 */
export function planPools(
  workload: Workload,
  { named, stores }: PoolStores,
  share: AgentShare,
  dataSeed: string,
): PoolPlan[] {
  const names: PoolPlan['name'][] = deletesAndReads(workload)
    ? ['prepared', 'deletable']
    : ['prepared'];
  const takenBy = new Map<string, number>();
  const pools = workload.ensureObjects.flatMap((entry, index) => {
    const where = ['prepare', 'ensure_objects', index];
    const place = stores.locate(directoryOf(entry), where);
    const commonPlace = named.locate(directoryOf(entry), where);
    return names.map((name): PoolPlan => {
      const below = pathBelowPlace(entry, name);
      const commonStore = named.stores[commonPlace.store];
      const location =
        commonStore === undefined ? [] : locationOf(commonStore, commonPlace.path + below);
      const pool: PoolPlan = {
        ...{ store: place.store, name, prefix: place.path + below, location },
        seed: seedAt(dataSeed, location, name),
        naming: { ...entry.naming },
        count: entry.count,
        own: partition(entry.count, share.index, share.count),
        sizes: entry.sizes,
        fill: entry.fill,
        dedupFactor: entry.dedupFactor,
        compressFactor: entry.compressFactor,
      };
      const id = `${String(pool.store)} ${pool.prefix} ${pool.naming.type === 'tree' ? 'tree' : name}`;
      const earlier = takenBy.get(id);
      if (earlier !== undefined) {
        throw new PlanProblem(
          where,
          `prepare.ensure_objects[${String(index)}] would create the same names as ensure_objects[${String(earlier)}]: give it another base_uri`,
        );
      }
      takenBy.set(id, index);
      const store = stores.stores[pool.store];
      if (store !== undefined) checkPoolNames(pool, store, where);
      return pool;
    });
  });
  const total = pools.reduce((sum, { count }) => sum + count, 0);
  if (Number.isSafeInteger(total)) return pools;
  throw new PlanProblem(
    ['prepare', 'ensure_objects'],
    'there are more than 2^53 objects in all: lower count',
  );
}

function deletesAndReads({ operations }: Workload): boolean {
  const removes = operations.some(
    (operation) => operation.op === 'delete' || (operation.op === 'rmdir' && operation.recursive),
  );
  return removes && operations.some(({ op }) => op === 'get' || op === 'stat');
}

/** A tree for deletion only is one of its own. */
function pathBelowPlace({ naming }: EnsureObjects, name: PoolPlan['name']): string {
  return naming.type === 'tree' && name === 'deletable' ? DELETABLE_TREE : '';
}

function directoryOf(entry: EnsureObjects): string {
  const base = entry.baseUri ?? '';
  return base === '' || base.endsWith('/') ? base : `${base}/`;
}
