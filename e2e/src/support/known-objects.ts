import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import {
  allocateObjectStates,
  MetadataCache,
  ObjectStates,
  readCheckpoint,
  restoreStates,
} from '@sai3bench/metadata-cache';

/** How many objects a checkpoint says to be created; 0 for one that is just being written. */
export async function createdInCheckpoint(path: string): Promise<number> {
  try {
    const { manifest } = await readCheckpoint(path);
    return manifest.pools.reduce((sum, { counts }) => sum + counts.created, 0);
  } catch (error) {
    if (BenchError.is(error)) return 0;
    throw error;
  }
}

/**
 * How many objects all caches below a directory say to be created. They may be in use: copies are read, and 0 is returned
 * where one was changed while it was copied.
 */
export async function createdInCaches(parent: string): Promise<number> {
  if (!existsSync(parent)) return 0;
  const copies = mkdtempSync(join(tmpdir(), 'sai3bench-caches-'));
  try {
    let created = 0;
    for (const name of readdirSync(parent)) {
      const directory = join(copies, name);
      // Checkpoints on their way to the storage and from there are gone when one looks again.
      const filter = (path: string): boolean => !path.includes('.tar.zst');
      cpSync(join(parent, name), directory, { recursive: true, filter });
      created += await createdInCache(directory);
    }
    return created;
  } catch (error) {
    if (BenchError.is(error) || WHILE_CHANGING.has(codeOf(error))) return 0;
    throw error;
  } finally {
    rmSync(copies, { recursive: true });
  }
}

/** A file that was just removed or renamed; pages of a database of which some are older than others. */
const WHILE_CHANGING: ReadonlySet<unknown> = new Set(['ENOENT', 'ERR_SQLITE_ERROR']);

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function createdInCache(directory: string): Promise<number> {
  const cache = await MetadataCache.open({ directory, bootId: '', now: () => new Date() });
  try {
    let created = 0;
    for (const identity of cache.identities()) {
      for (const { begin, end } of cache.known(identity)) {
        const states = new ObjectStates(allocateObjectStates(end - begin), end - begin);
        await restoreStates(states, begin, cache.sources(identity));
        created += states.countOf('created');
      }
    }
    return created;
  } finally {
    await cache.close();
  }
}
