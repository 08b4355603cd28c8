import { type IndexRange, partition, shardOf } from '@sai3bench/datagen';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { PoolObjects } from '../stage/pool-objects.ts';
import type { SideStore } from './side-store.ts';

/** Attempts to remove directories, and the pause between them: another agent may still delete what is in them. */
const ATTEMPTS = 10;
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
  for (const { pathOf, range } of levels) {
    await removeAll(range, (directory) => store.removeDirectory(plan.prefix + pathOf(directory)));
  }
}

/** Removes directories, several at once; those that are not empty again and again for a while. */
async function removeAll(
  { begin, end }: IndexRange,
  remove: (directory: number) => Promise<boolean>,
): Promise<void> {
  let next = begin;
  const work = async (): Promise<void> => {
    for (let directory = next++; directory < end; directory = next++) {
      for (let attempt = 1; attempt <= ATTEMPTS && !(await remove(directory)); attempt++) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}
