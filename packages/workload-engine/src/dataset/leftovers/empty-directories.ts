import { DirectoryMask, type IndexRange, partition, shardOf } from '@sai3bench/datagen';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { PoolObjects } from '../../stage/pool-objects.ts';
import type { SideStore } from '../side-store/side-store.ts';

/** Pause between attempts to remove what other agents have yet to empty, and how long they may go on in vain. */
const PAUSE_MS = 100;
const WAIT_MS = 10_000;
const PARALLEL = 32;

/** What removing directories needs. */
export interface RemovalOptions {
  readonly store: SideStore;
  readonly share: AgentPlan['share'];
  readonly signal: AbortSignal;
  /** Told how many of the directories have been tried, again and again also while others are waited for. */
  readonly onProgress: (done: number, total: number) => void;
  readonly nowMs: () => number;
}

/** Directories at the same depth. */
interface Level {
  readonly range: IndexRange;
  readonly pathOf: (directory: number) => string;
  /** Whether something with this name in one of them is a directory of the same tree. */
  readonly isOfTree: (name: string) => boolean;
}

/**
 * Removes the directories of a pool's tree or shards, whichever run has made them, as far as they are empty: the deepest
 * first, those of this agent's share. Directories in which there is something else are left alone.
 *
 * @returns how many are left
 */
export async function removeEmptyDirectories(
  objects: PoolObjects,
  options: RemovalOptions,
): Promise<number> {
  const { nowMs, onProgress, share, signal, store } = options;
  const { prefix } = objects.plan;
  const levels = levelsOf(objects, share);
  const total = levels.reduce((sum, { range }) => sum + range.end - range.begin, 0);
  let done = 0;
  let kept = 0;
  for (const { isOfTree, pathOf, range } of levels) {
    const remove = async (directory: number): Promise<boolean> =>
      signal.aborted || (await store.removeDirectory(prefix + pathOf(directory)));
    let left = await removeEach(numbersIn(range), remove, () => {
      onProgress(++done, total);
    });
    let waitsUntilMs = share.count > 1 ? nowMs() + WAIT_MS : 0;
    while (left.length > 0 && nowMs() < waitsUntilMs && !signal.aborted) {
      const waiting: number[] = [];
      for (const directory of left) {
        if (await holdsOnly(store, prefix + pathOf(directory), isOfTree)) waiting.push(directory);
      }
      kept += left.length - waiting.length;
      left = waiting;
      if (waiting.length === 0) break;
      onProgress(done, total);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      left = await removeEach(waiting, remove, () => undefined);
      if (left.length < waiting.length) waitsUntilMs = nowMs() + WAIT_MS;
    }
    kept += left.length;
  }
  return kept;
}

/** The agent's share of the directories, the deepest first. */
function levelsOf({ dataset, plan }: PoolObjects, share: AgentPlan['share']): Level[] {
  const { tree } = dataset.names;
  if (tree !== undefined) {
    const mask = new DirectoryMask(tree.spec.mask);
    return Array.from({ length: tree.spec.depth }, (_, above) => tree.spec.depth - above).map(
      (level) => ({
        range: tree.ownDirectories(level, share.index, share.count),
        pathOf: (directory) => tree.pathOf(directory),
        isOfTree: (name) => mask.childOf(level + 1, name) !== undefined,
      }),
    );
  }
  if (plan.naming.type !== 'flat' || plan.naming.shards === 0) return [];
  const { shards } = plan.naming;
  return [
    {
      range: partition(Math.min(shards, plan.count), share.index, share.count),
      pathOf: (shard) => shardOf(shard, shards),
      isOfTree: () => false,
    },
  ];
}

/** Whether all that lies in a directory are directories that another agent is about to remove, or nothing any more. */
async function holdsOnly(
  store: SideStore,
  key: string,
  isOfTree: (name: string) => boolean,
): Promise<boolean> {
  let others = 0;
  await store.readDirectory(key, (name) => {
    if (!isOfTree(name)) others++;
    return undefined;
  });
  return others === 0;
}

function* numbersIn({ begin, end }: IndexRange): Generator<number> {
  for (let number = begin; number < end; number++) yield number;
}

/** Removes directories, several at once; returns those that are not empty. */
async function removeEach(
  directories: Iterable<number>,
  remove: (directory: number) => Promise<boolean>,
  onTried: () => void,
): Promise<number[]> {
  const left: number[] = [];
  const each = directories[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = each.next(); next.done !== true; next = each.next()) {
      if (!(await remove(next.value))) left.push(next.value);
      onTried();
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return left;
}
