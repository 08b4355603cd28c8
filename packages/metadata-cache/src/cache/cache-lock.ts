import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { BenchError } from '@sai3bench/errors';
import { isBusy } from './cache-errors.ts';
import { replaceFile } from './replace-file.ts';
import { openSqlite } from './sqlite.ts';

/** Who has a cache open. */
export interface CacheOwner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

const LOCK_FILE = 'lock';
const OWNER_FILE = 'owner.json';

/**
 * The right to use a cache's directory. The kernel holds it for the process, on a file that is never read or
 * written, and takes it back when the process ends in whatever way; `owner.json` only says who it is.
 */
export class CacheLock {
  /** Who had the cache open and ended without closing it. */
  readonly takenOverFrom: CacheOwner | undefined;
  readonly #directory: string;
  readonly #lock: DatabaseSync;

  /** Throws `CACHE_IN_USE` when another process, or another cache of this one, holds the lock. */
  constructor(directory: string, owner: CacheOwner) {
    this.#directory = directory;
    this.#lock = openSqlite(join(directory, LOCK_FILE));
    try {
      this.#lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    } catch (error) {
      this.#lock.close();
      throw isBusy(error) ? inUse(directory, readOwner(directory)) : error;
    }
    this.takenOverFrom = readOwner(directory);
    replaceFile(join(directory, OWNER_FILE), `${JSON.stringify(owner)}\n`);
  }

  release(): void {
    rmSync(join(this.#directory, OWNER_FILE), { force: true });
    this.#lock.close();
  }
}

/** Who says to use it, for messages alone: the lock is what counts. Undefined when nobody does, or not readably. */
function readOwner(directory: string): CacheOwner | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8')) as CacheOwner;
  } catch {
    return undefined;
  }
}

function inUse(directory: string, owner: CacheOwner | undefined): BenchError {
  const who =
    owner === undefined
      ? 'another process'
      : `process ${String(owner.pid)} on ${owner.host} since ${owner.since}`;
  return new BenchError(`the metadata cache ${directory} is in use by ${who}`, {
    code: 'CACHE_IN_USE',
    class: 'resource',
    hint: 'wait for that run to end or stop it; runs at the same time need datasets, agent ids or kv_cache_dir of their own',
    key: directory,
  });
}
