import { ObjectNames, shardOf } from '@sai3bench/datagen';
import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan, PoolPlan, StorePlan } from './agent-plan.ts';
import { PlanProblem } from './plan-problem.ts';

const MAX_S3_KEY_BYTES = 1024;
/** One less than Linux' PATH_MAX, which counts the NUL at the end. */
const MAX_PATH_BYTES = 4095;
const MAX_FILE_NAME_BYTES = 255;
/** Directories with more entries than this slow down on many file systems. */
const MANY_ENTRIES = 100_000;
/** Longer than any name that the workload's PUTs get: obj_, 12 letters, and four numbers. */
const LONGEST_PUT_NAME = 'x'.repeat(64);

/** @throws PlanProblem when an object of a pool would have a name that its store does not allow */
export function checkPoolNames(
  pool: PoolPlan,
  store: StorePlan,
  where: readonly PropertyKey[],
): void {
  const names = new ObjectNames(pool.naming, pool.name);
  checkKey(pool.prefix + names.longestName(pool.count), store, where);
}

/** @throws PlanProblem when an object that the workload puts would have a name that its store does not allow */
export function checkPutNames(
  prefix: string,
  shards: number,
  store: StorePlan,
  where: readonly PropertyKey[],
): void {
  checkKey(prefix + shardOf(shards - 1, shards) + LONGEST_PUT_NAME, store, where);
}

function checkKey(key: string, store: StorePlan, where: readonly PropertyKey[]): void {
  for (const endpoint of store.endpoints) {
    const uri = parseStoreUri(endpoint);
    const problem =
      uri.scheme === 's3'
        ? keyProblem(uri.prefix + key)
        : isFileUri(uri)
          ? pathProblem(uri.path + key)
          : undefined;
    if (problem !== undefined) throw new PlanProblem(where, problem);
  }
}

function keyProblem(key: string): string | undefined {
  const bytes = bytesOf(key);
  if (bytes <= MAX_S3_KEY_BYTES) return undefined;
  return `keys would get up to ${formatCount(bytes)} bytes long, but S3 allows ${formatCount(MAX_S3_KEY_BYTES)}: shorten the path, or make the tree less deep`;
}

function pathProblem(path: string): string | undefined {
  const bytes = bytesOf(path);
  if (bytes > MAX_PATH_BYTES) {
    return `paths would get up to ${formatCount(bytes)} bytes long, but ${formatCount(MAX_PATH_BYTES)} are the most that a file can have: shorten the path, or make the tree less deep`;
  }
  const long = path.split('/').find((name) => bytesOf(name) > MAX_FILE_NAME_BYTES);
  if (long === undefined) return undefined;
  return `"${long.slice(0, 40)}..." is ${formatCount(bytesOf(long))} bytes long, but a name in a file system has ${String(MAX_FILE_NAME_BYTES)} at most`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Directories that would get more entries than file systems like, in words. */
export function crowdedDirectories({ pools, stores }: AgentPlan): string[] {
  const flat = new Map<string, number>();
  const notes: string[] = [];
  for (const pool of pools) {
    const endpoint = stores[pool.store]?.endpoints[0] ?? '';
    if (!isFileUri(parseStoreUri(endpoint))) continue;
    const entries = new ObjectNames(pool.naming, pool.name).mostEntries(pool.count);
    if (pool.naming.type === 'tree') {
      if (entries > MANY_ENTRIES) {
        notes.push(crowded(`directories of the tree in ${endpoint}${pool.prefix}`, entries));
      }
      continue;
    }
    const directory = endpoint + pool.prefix;
    flat.set(directory, (flat.get(directory) ?? 0) + entries);
  }
  for (const [directory, entries] of flat) {
    if (entries > MANY_ENTRIES) notes.push(crowded(directory, entries));
  }
  return notes;
}

function crowded(what: string, entries: number): string {
  return `${what} will have ${formatCount(entries)} entries in one directory, which is slow on many file systems: prepare.key_prefix_shards or prepare.directory_structure spread them`;
}
