import { BenchError, systemCode } from '@sai3bench/errors';

/** SQLite's primary result codes that are told apart. */
const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
/** An extended result code: a page lies beyond the end of the file. */
const SHORT_READ = 522;

/** Whether somebody else holds a lock. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** Whether a database file is not what it should be. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE || extendedCode(error) === SHORT_READ;
}

/** What is told of a file system call or a statement that failed in a cache's directory. */
export function toCacheError(error: unknown, directory: string): BenchError {
  if (BenchError.is(error)) return error;
  const code = resultCode(error);
  const ofSystem = systemCode(error);
  if (code === FULL || ofSystem === 'ENOSPC' || ofSystem === 'EDQUOT') {
    return new BenchError(`no space is left for the metadata cache in ${directory}`, {
      code: 'CACHE_DISK_FULL',
      class: 'resource',
      hint: 'free some space, or set kv_cache_dir to a larger disk; nothing that was flushed before is lost',
      key: directory,
      cause: error,
    });
  }
  if (isDamage(error)) {
    return new BenchError(`the metadata cache in ${directory} is damaged`, {
      code: 'CACHE_DAMAGED',
      class: 'integrity',
      hint: 'start again: the damaged file is set aside then, and the objects are verified against the storage',
      key: directory,
      cause: error,
    });
  }
  const noAccess = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'];
  if (
    code === READ_ONLY ||
    code === CANNOT_OPEN ||
    (ofSystem !== undefined && noAccess.includes(ofSystem))
  ) {
    return new BenchError(`the metadata cache cannot be kept in ${directory}`, {
      code: 'CACHE_NOT_WRITABLE',
      class: 'permission',
      hint: 'set kv_cache_dir to a local directory that can be written, or enable_metadata_cache to false',
      key: directory,
      cause: error,
    });
  }
  return new BenchError(`the metadata cache in ${directory} cannot be read or written`, {
    code: 'CACHE_IO',
    class: 'resource',
    hint: 'look at the disk below kv_cache_dir; nothing that was flushed before is lost',
    key: directory,
    cause: error,
  });
}

/** The primary part of SQLite's result code. */
function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error);
  return code === undefined ? undefined : code & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code : undefined;
}
