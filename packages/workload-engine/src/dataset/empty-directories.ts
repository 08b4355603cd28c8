import { type IndexRange, partition, shardOf } from '@sai3bench/datagen';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { PoolObjects } from '../stage/pool-objects.ts';
import type { SideStore } from './side-store.ts';

/** Rounds through the directories that are not empty yet, and the pause between them: other agents may still delete. */
const ROUNDS = 10;
const PAUSE_MS = 100;
const PARALLEL = 32;

/**
 * Removes the directories of a pool's tree or shards, whichever run has made them, as far as they are empty: the deepest
 * first, those of this agent's share. Directories in which there is something are left alone.
 */
export async function removeEmptyDirectories(
  { dataset, plan }: PoolObjects,
  share: AgentPlan['share'],
  store: SideStore,
): Promise<void> {
  const { tree } = dataset.names;
  const levels: { range: IndexRange; pathOf: (directory: number) => string }[] = [];
  if (tree !== undefined) {
    for (let level = tree.spec.depth; level >= 1; level--) {
      const range = tree.ownDirectories(level, share.index, share.count);
      levels.push({ range, pathOf: (directory) => tree.pathOf(directory) });
    }
  } else if (plan.naming.type === 'flat' && plan.naming.shards > 0) {
    const { shards } = plan.naming;
    const range = partition(Math.min(shards, plan.count), share.index, share.count);
    levels.push({ range, pathOf: (shard) => shardOf(shard, shards) });
  }
  const rounds = share.count > 1 ? ROUNDS : 1;
  for (const { pathOf, range } of levels) {
    const remove = (directory: number): Promise<boolean> =>
      store.removeDirectory(plan.prefix + pathOf(directory));
    let left = await removeEach(numbersIn(range), remove);
    for (let round = 1; round < rounds && left.length > 0; round++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      left = await removeEach(left, remove);
    }
  }
}

function* numbersIn({ begin, end }: IndexRange): Generator<number> {
  for (let number = begin; number < end; number++) yield number;
}

/** Removes directories, several at once; returns those that are not empty. */
async function removeEach(
  directories: Iterable<number>,
  remove: (directory: number) => Promise<boolean>,
): Promise<number[]> {
  const left: number[] = [];
  const each = directories[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = each.next(); next.done !== true; next = each.next()) {
      if (!(await remove(next.value))) left.push(next.value);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return left;
}
