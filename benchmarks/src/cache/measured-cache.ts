import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  allocateObjectStates,
  MetadataCache,
  OBJECT_STATES,
  ObjectStates,
} from '@sai3bench/metadata-cache';

export const MEGABYTE = 1e6;

/** What is measured of a cache. */
export interface CacheOptions {
  readonly objects: number;
  /** Objects of which some are changed at random. */
  readonly randomObjects: number;
  /** How long they are. */
  readonly seconds: number;
  /** Where caches are made. */
  readonly directory: string;
}

export function makeStates(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

/** Every object in a state of its own choice. */
export function mix(states: ObjectStates): void {
  let seed = 1;
  for (let index = 0; index < states.count; index++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    states.set(index, OBJECT_STATES[(seed >>> 16) % OBJECT_STATES.length] ?? 'planned');
  }
}

export function open(directory: string): Promise<MetadataCache> {
  return MetadataCache.open({ directory, bootId: 'benchmark', now: () => new Date() });
}

export async function attach(cache: MetadataCache, states: ObjectStates): Promise<void> {
  await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
}

/** Megabytes of all files of a directory. */
export function sizeOf(directory: string): number {
  const files = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
  return files.reduce((sum, size) => sum + size, 0) / MEGABYTE;
}

/** How long something takes, in ms. */
export async function timed(work: () => unknown): Promise<number> {
  const beginMs = performance.now();
  await work();
  return performance.now() - beginMs;
}

/** @param parent where the directory is made, and removed in the end */
export async function inDirectory<T>(
  parent: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(parent, 'sai3bench-cache-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
