import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';
import { CacheDatabase } from './cache-database.ts';
import { PAGE_BYTES } from './cache-schema.ts';
import { isDamage, toCacheError } from './cache-errors.ts';

const FILE = 'cache.db';
/** The last file that could not be used: kept, so that nothing is deleted that somebody may want to look at. */
const SET_ASIDE = 'cache.set-aside.db';

/** SQLite's header up to the format of the schema. */
const HEADER_BYTES = 48;
/** Where it has the format versions for writing and reading, and the highest of these that there is. */
const VERSIONS = { begin: 18, end: 20, highest: 2 };
/** The same of the format of the schema, a number of 4 bytes. */
const SCHEMA_FORMAT = { begin: 44, highest: 4 };

/** A file that could not be used, where it is now, and why. */
export interface SetAside {
  readonly path: string;
  readonly cause: BenchError;
}

/** A cache's database, and what was found in its place. */
export interface OpenedDatabase {
  readonly database: CacheDatabase;
  readonly isNew: boolean;
  readonly setAside: SetAside | undefined;
}

/** Opens the database of a cache; one that cannot be used is set aside, and a new one made. */
export async function openDatabase(directory: string): Promise<OpenedDatabase> {
  const path = join(directory, FILE);
  const isNew = !existsSync(path);
  try {
    if (!isNew) checkHeader(path);
    return { database: await openChecked(path), isNew, setAside: undefined };
  } catch (error) {
    const isUnusable = BenchError.is(error) || isDamage(error);
    if (!isUnusable) throw error;
    const aside = join(directory, SET_ASIDE);
    renameSync(path, aside);
    rmSync(`${path}-wal`, { force: true });
    const setAside = { path: aside, cause: toCacheError(error, directory) };
    return { database: await openChecked(path), isNew, setAside };
  }
}

async function openChecked(path: string): Promise<CacheDatabase> {
  const database = new CacheDatabase(path);
  try {
    database.check();
    database.deleteOrphans();
    // Shows now, not at the first flush, whether the file can be written.
    database.transaction(() => {
      database.sequence = database.sequence + 0;
    });
    await database.sync();
    // What a write-ahead log has held is in its place now, so all pages must be there.
    if (statSync(path).size < database.pageCount * PAGE_BYTES) throw cutOff(path);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Looks at what SQLite does not mind, for it takes a short file for an empty one and reads newer formats, or does not
 * call damage: a schema in a format that it does not know.
 */
function checkHeader(path: string): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, header);
  } finally {
    closeSync(file);
  }
  const versions = header.subarray(VERSIONS.begin, VERSIONS.end);
  if (
    statSync(path).size < PAGE_BYTES ||
    versions.some((version) => version > VERSIONS.highest) ||
    header.readUInt32BE(SCHEMA_FORMAT.begin) > SCHEMA_FORMAT.highest
  ) {
    throw cutOff(path);
  }
}

function cutOff(path: string): BenchError {
  return new BenchError(`${path} was cut off or overwritten`, {
    code: 'CACHE_UNUSABLE',
    class: 'integrity',
    hint: 'the objects are verified against the storage',
    key: path,
  });
}
