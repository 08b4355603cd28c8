import { ObjectNames, shardOf } from '@sai3bench/datagen';
import type { PoolPlan } from './agent-plan.ts';
import { type KeyPattern, matcherOf, splitPattern } from './key-pattern.ts';

/** Where the deletable files of a tree are: in a tree of their own below that of the others. */
export const DELETABLE_TREE = 'deletable/';

/** Numbers of flat objects that have nothing in common: a pattern that covers their names covers those of all. */
const PROBES = [0, 12_345_678, 99_999_999];

/** Names of objects that a workload puts, which have nothing in common but their first part. */
const PUT_PROBES = ['obj_a1b2-0-1-2-0', 'obj_z-98-76-54-32109'];

/** Whether a path, relative to the store of a pool, names every object of the pool. */
export function namesPool(path: string, pool: PoolPlan): boolean {
  const { name, naming, prefix } = pool;
  if (naming.type === 'flat') {
    const covers = coverageOf(path, prefix);
    return (
      covers(flatNames('prepared')) ||
      covers(flatNames(name)) ||
      (naming.shards > 0 && covers(shardedNames(name, naming.shards)))
    );
  }
  // A tree of deletable files has the names of the tree that it lies in, too.
  return [rootOf(pool), prefix].some((root) => namesTree(path, pool, root));
}

function namesTree(path: string, pool: PoolPlan, root: string): boolean {
  // As a whole, without the slash.
  if (`${path}/` === root) return true;
  // The names that flat objects would have stand for a tree as a whole, as in files written for both.
  const covers = coverageOf(path, root);
  if (covers(flatNames('prepared')) || covers(flatNames(pool.name))) return true;
  const files = treeFiles(pool);
  const coversWithin = coverageOf(path, root, acrossDirectories);
  return coversWithin(files) || coversWithin(files.map((file) => DELETABLE_TREE + file));
}

/** Whether a path, relative to the store, names every object that an entry of the mix puts. */
export function namesPuts(
  path: string,
  { prefix, shards }: { readonly prefix: string; readonly shards: number },
): boolean {
  const covers = coverageOf(path, prefix);
  if (covers(PUT_PROBES)) return true;
  const inShards = [0, 1, shards - 1].flatMap((shard) =>
    PUT_PROBES.map((name) => shardOf(shard, shards) + name),
  );
  return shards > 0 && covers(inShards);
}

/** A test whether a path names all of some names in a directory, which the path must be able to name. */
function coverageOf(
  path: string,
  directory: string,
  adapt: (pattern: string) => string = (pattern) => pattern,
): (names: readonly string[]) => boolean {
  const split = splitPattern(path);
  if (split === undefined || !directory.startsWith(split.prefix)) return () => false;
  const below = directory.slice(split.prefix.length);
  const matches = matcherOf(adapt(split.pattern));
  return (names) => names.every((name) => matches(below + name));
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
