import { accessSync, constants, mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { makeDirectories } from '@sai3bench/store-uri';

/** Survives a reboot, unlike /tmp on many systems. */
const LASTING_DIRECTORY = '/var/tmp';

/**
 * Where caches are when the workload file does not say: `SAI3BENCH_CACHE_DIR` if that is set, else a directory of the
 * user's own below /var/tmp.
 */
export function defaultCacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['SAI3BENCH_CACHE_DIR'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const parent = isWritable(LASTING_DIRECTORY) ? LASTING_DIRECTORY : tmpdir();
  const directory = join(parent, `sai3bench-${String(userInfo().uid)}`);
  makeDirectories(directory, { mkdir: (path) => mkdirSync(path, 0o700), stat: statSync });
  return directory;
}

const PREFIX = 'sai3-cache-';

/** Name of the directory of an agent's cache of the datasets at a place. */
export function cacheName(agentId: string, placeTag: string): string {
  return `${PREFIX}${agentId.replaceAll(/[^\w.-]/g, '_')}-${placeTag}`;
}

/** Whose cache a directory is; undefined when it is none of this place. */
export function agentOfCache(directory: string, placeTag: string): string | undefined {
  const name = basename(directory);
  const end = `-${placeTag}`;
  if (!name.startsWith(PREFIX) || !name.endsWith(end)) return undefined;
  return name.slice(PREFIX.length, -end.length);
}

/** Caches of the datasets at a place that belong to agents which take no part in the run. */
export function orphanedCaches(
  directory: string,
  placeTag: string,
  agentIds: readonly string[],
): string[] {
  const present = new Set(agentIds.map((id) => cacheName(id, placeTag)));
  return namesIn(directory)
    .filter((name) => agentOfCache(name, placeTag) !== undefined && !present.has(name))
    .map((name) => join(directory, name));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // Where there is no directory yet, there are no caches.
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
