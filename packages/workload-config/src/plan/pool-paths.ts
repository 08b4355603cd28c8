import { ObjectNames, shardOf } from '@sai3bench/datagen';
import type { PoolPlan } from './agent-plan.ts';
import { type KeyPattern, matcherOf, splitPattern } from './key-pattern.ts';

/** Where the deletable files of a tree are: in a tree of their own below that of the others. */
export const DELETABLE_TREE = 'deletable/';

/** Numbers of flat objects that have nothing in common: a pattern that covers their names covers those of all. */
const PROBES = [0, 12_345_678, 99_999_999];

/** Whether a path, relative to the store of a pool, names every object of the pool. */
export function namesPool(path: string, pool: PoolPlan): boolean {
  const root = rootOf(pool);
  // A tree as a whole, without the slash.
  if (pool.naming.type === 'tree' && `${path}/` === root) return true;
  const split = splitPattern(path);
  if (split === undefined || !root.startsWith(split.prefix)) return false;
  const directory = root.slice(split.prefix.length);
  const matches = matcherOf(split.pattern);
  const covers = (names: readonly string[], match = matches): boolean =>
    names.every((name) => match(directory + name));
  const { naming } = pool;
  const alias = (['prepared', pool.name] as const).some((name) => covers(flatNames(name)));
  if (naming.type === 'flat') {
    if (alias) return true;
    return naming.shards > 0 && covers(shardedNames(pool.name, naming.shards));
  }
  // The names that flat objects would have stand for a tree as a whole, as in files written for both.
  if (alias) return true;
  const files = treeFiles(pool);
  const within = matcherOf(acrossDirectories(split.pattern));
  return (
    covers(files, within) ||
    covers(
      files.map((file) => DELETABLE_TREE + file),
      within,
    )
  );
}

/**
 * What to list for a path that names no pool as a whole: in a tree `*` stands for `/` as well, for who writes
 * a pattern cannot know how deep the files are.
 */
export function listedPattern(path: string, pools: readonly PoolPlan[]): KeyPattern | undefined {
  const split = splitPattern(path);
  if (split === undefined) return undefined;
  const inTree = pools.some(({ naming, prefix }) => {
    if (naming.type === 'flat') return false;
    return prefix.startsWith(split.prefix) || split.prefix.startsWith(prefix);
  });
  return inTree ? { ...split, pattern: acrossDirectories(split.pattern) } : split;
}

/** The place that a pool belongs to, which a tree of deletable files shares with that of the others. */
function rootOf({ name, naming, prefix }: PoolPlan): string {
  return naming.type === 'tree' && name === 'deletable'
    ? prefix.slice(0, -DELETABLE_TREE.length)
    : prefix;
}

function flatNames(name: PoolPlan['name']): string[] {
  const names = new ObjectNames({ type: 'flat', shards: 0 }, name);
  return PROBES.map((index) => names.nameOf(index));
}

/** Names in the first shards and the last, with numbers that have nothing in common. */
function shardedNames(name: PoolPlan['name'], shards: number): string[] {
  const flat = flatNames(name);
  return [0, 1, shards - 1, ...PROBES].flatMap((index) =>
    flat.map((each) => shardOf(index, shards) + each),
  );
}

/** Files in the first directory and the last, and in some between. */
function treeFiles({ count, name, naming }: PoolPlan): string[] {
  const names = new ObjectNames(naming, name);
  const last = Math.max(0, count - 1);
  const probes = [0, 1, 1 / 7, 1 / 3, 1 / 2, 2 / 3, 6 / 7].map((share) => Math.floor(last * share));
  return [...probes, Math.min(1, last)].map((index) => names.nameOf(index));
}

function acrossDirectories(pattern: string): string {
  return pattern.replaceAll(/\*+/g, '**');
}
