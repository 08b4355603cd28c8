import type { Workload } from '../workload.ts';
import type { KeySource, OperationPlan, PoolPlan } from './agent-plan.ts';
import { checkPutNames } from './plan-limits.ts';
import { PlanProblem } from './plan-problem.ts';
import { listedPattern, namesPool } from './pool-paths.ts';
import { addressOf, type Location, type StoreTable } from './store-table.ts';

/** The operation mix with every path resolved to a store, and to pools where it names prepared objects. */
export function planOperations(
  workload: Workload,
  stores: StoreTable,
  pools: readonly PoolPlan[],
): OperationPlan[] {
  return workload.operations.map((operation) => {
    const where = ['workload', operation.entry, 'path'];
    switch (operation.op) {
      case 'put': {
        const { store, path } = stores.locate(asDirectory(operation.path), where);
        const { compressFactor, dedupFactor, shards, sizes, weight } = operation;
        const place = stores.stores[store];
        if (place !== undefined) checkPutNames(path, shards, place, where);
        return {
          op: 'put',
          weight,
          store,
          prefix: path,
          shards,
          sizes,
          fill: 'random',
          dedupFactor,
          compressFactor,
        };
      }
      case 'list': {
        const { store, path } = stores.locate(operation.path, where);
        return { op: 'list', weight: operation.weight, store, prefix: path };
      }
      default:
        return {
          op: operation.op,
          weight: operation.weight,
          source: keySource(
            operation.op,
            stores.locate(operation.path, where),
            stores,
            pools,
            where,
          ),
        };
    }
  });
}

function keySource(
  op: 'get' | 'stat' | 'delete',
  location: Location,
  stores: StoreTable,
  pools: readonly PoolPlan[],
  where: readonly PropertyKey[],
): KeySource {
  const matching = matchingPools(op, location, pools);
  if (matching.length > 0) return { type: 'pools', pools: matching };
  if (op === 'delete') {
    throw new PlanProblem(
      where,
      `delete works on objects that this workload prepares, but no entry of prepare.ensure_objects makes ${addressOf(stores.stores, location)}`,
    );
  }
  const here = pools.filter(({ store }) => store === location.store);
  const listed = listedPattern(location.path, here);
  return listed === undefined
    ? { type: 'key', store: location.store, key: location.path }
    : { type: 'listing', store: location.store, ...listed };
}

/** Pools of which the path names every object: deletions take the pool made for them where there is one. */
function matchingPools(
  op: 'get' | 'stat' | 'delete',
  location: Location,
  pools: readonly PoolPlan[],
): number[] {
  const hasDeletable = pools.some(({ name }) => name === 'deletable');
  const wanted = op === 'delete' && hasDeletable ? 'deletable' : 'prepared';
  return pools.flatMap((pool, index) => {
    if (pool.store !== location.store || pool.name !== wanted) return [];
    return namesPool(location.path, pool) ? [index] : [];
  });
}

function asDirectory(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
