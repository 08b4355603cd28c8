import { DirectoryTree } from '@sai3bench/datagen';
import { parseStoreUri } from '@sai3bench/store-uri';
import type { WorkloadOperation } from '../workload/operation.ts';
import type { OperationPlan, PoolPlan } from './agent-plan.ts';
import { checkPutNames } from './plan-limits.ts';
import { PlanProblem } from './plan-problem.ts';
import { namesPool } from './pool-paths.ts';
import { addressOf, type Location, type StoreTable } from './store-table.ts';

type DirectoryOperation = Extract<WorkloadOperation, { op: 'mkdir' | 'rmdir' }>;

type DirectoryPlan =
  | Pick<Extract<OperationPlan, { op: 'mkdir' }>, 'op' | 'store' | 'trees'>
  | Pick<Extract<OperationPlan, { op: 'rmdir' }>, 'op' | 'store' | 'trees' | 'files'>;

/**
 * Which directories an operation makes or removes.
 *
 * @throws PlanProblem when there are none, or the store has no directories
 */
export function planDirectories(
  operation: DirectoryOperation,
  location: Location,
  { stores }: StoreTable,
  pools: readonly PoolPlan[],
): DirectoryPlan {
  const { entry, op } = operation;
  const where = ['workload', entry, 'path'];
  const store = stores[location.store];
  if (store?.endpoints.some((endpoint) => parseStoreUri(endpoint).scheme === 's3') === true) {
    throw new PlanProblem(
      ['workload', entry, 'op'],
      `${op} works on directories, which S3 does not have: use file:// or direct:// addresses, or remove it`,
    );
  }
  const named = (name: PoolPlan['name']): number[] =>
    pools.flatMap((pool, index) =>
      pool.store === location.store && pool.name === name && namesTree(location.path, pool)
        ? [index]
        : [],
    );
  const trees = named('prepared');
  if (trees.length === 0) throw noTree(operation, addressOf(stores, location), pools, where);
  for (const tree of trees) {
    const pool = pools[tree];
    if (pool?.naming.type !== 'tree' || store === undefined) continue;
    const directories = new DirectoryTree(pool.naming);
    const longest = directories.pathOf(directories.directoryCount - 1);
    checkPutNames(pool.prefix + longest, 0, store, where);
  }
  if (op === 'mkdir') return { op, store: location.store, trees };
  if (operation.recursive && store?.namespace === 'separate') {
    throw new PlanProblem(
      ['workload', entry, 'recursive'],
      'the files of a directory are at several endpoints where namespace is separate, so that rmdir cannot remove them together: remove recursive',
    );
  }
  const kept = named('deletable');
  const files = kept.length > 0 ? kept : trees;
  const hasFiles = files.some((pool) => (pools[pool]?.count ?? 0) > 0);
  return { op, store: location.store, trees, files: operation.recursive && hasFiles ? files : [] };
}

/** @throws PlanProblem when a removal would have nothing to remove, or meet what another operation removes */
export function checkRemovals(
  operations: readonly WorkloadOperation[],
  plans: readonly OperationPlan[],
): void {
  const made = new Set(plans.flatMap((plan) => (plan.op === 'mkdir' ? plan.trees : [])));
  const deleted = new Set(
    plans.flatMap((plan) =>
      plan.op === 'delete' && plan.source.type === 'pools' ? plan.source.pools : [],
    ),
  );
  for (const [index, plan] of plans.entries()) {
    if (plan.op !== 'rmdir') continue;
    const where = ['workload', operations[index]?.entry ?? 0];
    if (plan.files.length === 0 && !plan.trees.some((tree) => made.has(tree))) {
      throw new PlanProblem(
        [...where, 'op'],
        'rmdir would have nothing to remove: add a mkdir with the same path, which makes empty directories, or write recursive: true to remove those of prepared files with what is in them',
      );
    }
    if (plan.files.some((pool) => deleted.has(pool))) {
      throw new PlanProblem(
        [...where, 'recursive'],
        'rmdir would remove files that a delete of the workload is about to delete: remove recursive, or the delete',
      );
    }
  }
}

function namesTree(path: string, pool: PoolPlan): boolean {
  return pool.naming.type === 'tree' && namesPool(path, pool);
}

function noTree(
  { op }: DirectoryOperation,
  address: string,
  pools: readonly PoolPlan[],
  where: readonly PropertyKey[],
): PlanProblem {
  return pools.some(({ naming }) => naming.type === 'tree')
    ? new PlanProblem(
        where,
        `${op} works on the directories of a tree, but no entry of prepare.ensure_objects makes one at ${address}`,
      )
    : new PlanProblem(
        where,
        `${op} needs prepare.directory_structure, which says what directories there are, and an entry of prepare.ensure_objects at ${address}`,
      );
}
