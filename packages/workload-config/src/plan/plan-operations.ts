import type { ReadRange, WorkloadOperation } from '../workload/operation.ts';
import type { Workload } from '../workload/workload.ts';
import type { KeySource, OperationPlan, PoolPlan } from './agent-plan.ts';
import { checkRemovals, planDirectories } from './plan-directories.ts';
import { checkPutNames } from './plan-limits.ts';
import { PlanProblem } from './plan-problem.ts';
import { listedPattern, namesPool, namesPuts } from './pool-paths.ts';
import { addressOf, type Location, type StoreTable } from './store-table.ts';

/** The operation mix with every path resolved to a store, and to pools where it names prepared objects. */
export function planOperations(
  workload: Workload,
  stores: StoreTable,
  pools: readonly PoolPlan[],
): OperationPlan[] {
  const { dynamicPutPool, operations } = workload;
  const plans = operations.map((operation) => planOperation(operation, stores, pools));
  checkRemovals(operations, plans);
  if (!dynamicPutPool) return plans;
  const reading = plans.map((plan, index) => {
    if (plan.op !== 'get' && plan.op !== 'stat') return plan;
    const path = operations[index]?.path ?? '';
    const puts = matchingPuts(stores.locate(path, wherePath(operations[index])), plans);
    return { ...plan, puts };
  });
  if (!reading.some((plan) => 'puts' in plan && plan.puts.length > 0)) {
    throw new PlanProblem(
      ['dynamic_put_pool'],
      'dynamic_put_pool would have no effect: the workload has no get or stat with a path that matches what a put of it makes, which is obj_* in the directory of the put',
    );
  }
  return reading;
}

function planOperation(
  operation: WorkloadOperation,
  stores: StoreTable,
  pools: readonly PoolPlan[],
): OperationPlan {
  const where = wherePath(operation);
  const common = {
    weight: operation.weight,
    ...(operation.concurrency === undefined ? {} : { concurrency: operation.concurrency }),
  };
  switch (operation.op) {
    case 'put': {
      const { store, path } = stores.locate(asDirectory(operation.path), where);
      const { compressFactor, dedupFactor, shards, sizes } = operation;
      const place = stores.stores[store];
      if (place !== undefined) checkPutNames(path, shards, place, where);
      const content = { sizes, fill: 'random' as const, dedupFactor, compressFactor };
      return { op: 'put', ...common, store, prefix: path, shards, ...content };
    }
    case 'list': {
      const { store, path } = stores.locate(operation.path, where);
      return { op: 'list', ...common, store, prefix: path };
    }
    case 'mkdir':
    case 'rmdir': {
      const location = stores.locate(operation.path, where);
      return { ...common, ...planDirectories(operation, location, stores, pools) };
    }
    default: {
      const { access, op, path } = operation;
      const source = keySource(op, stores.locate(path, where), stores, pools, where);
      const range = operation.op === 'get' ? operation.range : undefined;
      if (range !== undefined) checkRange(range, source, operation.entry);
      return { op, ...common, source, access, puts: [], ...(range === undefined ? {} : { range }) };
    }
  }
}

function wherePath(operation: WorkloadOperation | undefined): PropertyKey[] {
  return ['workload', operation?.entry ?? 0, 'path'];
}

/** A part anywhere in an object needs to know how long that is. */
function checkRange({ offset }: ReadRange, source: KeySource, entry: number): void {
  if (offset !== 'random' || source.type === 'pools') return;
  throw new PlanProblem(
    ['workload', entry, 'range'],
    'parts at random offsets are read of objects whose length is known, which are those of prepare.ensure_objects; write offset: start, or a path that names all of a set',
  );
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

/**
 * Pools of which the path names every object. Deletions take those made for them where there are any; those are read
 * only by a path that means nothing else.
 */
function matchingPools(
  op: 'get' | 'stat' | 'delete',
  location: Location,
  pools: readonly PoolPlan[],
): number[] {
  const named = (name: PoolPlan['name']): number[] =>
    pools.flatMap((pool, index) => {
      if (pool.store !== location.store || pool.name !== name) return [];
      return namesPool(location.path, pool) ? [index] : [];
    });
  if (op === 'delete') {
    return named(pools.some(({ name }) => name === 'deletable') ? 'deletable' : 'prepared');
  }
  const prepared = named('prepared');
  return prepared.length > 0 ? prepared : named('deletable');
}

/** Entries of the mix of which the path names every object that they put. */
function matchingPuts(location: Location, plans: readonly OperationPlan[]): number[] {
  return plans.flatMap((plan, entry) =>
    plan.op === 'put' && plan.store === location.store && namesPuts(location.path, plan)
      ? [entry]
      : [],
  );
}

function asDirectory(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
