import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError, systemCode } from '@sai3bench/errors';

/** A directory that is there, on the way to one that may not be. */
export interface NearestDirectory {
  /** As it is written. */
  readonly directory: string;
  /** Without symbolic links. */
  readonly realDirectory: string;
  /** What is missing below it: empty, or a relative path. */
  readonly missing: string;
}

/**
 * The directory at a path, or the nearest above it.
 *
 * @param path absolute
 * @throws BenchError `PREFLIGHT_NOT_A_DIRECTORY` when something else is on the way
 */
export function nearestDirectory(path: string): NearestDirectory {
  const whole = path.length > 1 ? path.replace(/\/+$/, '') : path;
  let directory = whole;
  while (!isDirectory(directory)) directory = dirname(directory);
  return {
    directory,
    realDirectory: realpathSync(directory),
    missing: whole.slice(directory.length).replace(/^\//, ''),
  };
}

function isDirectory(path: string): boolean {
  const stats = statIfThere(path);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  throw new BenchError(`${path} is not a directory`, {
    code: 'PREFLIGHT_NOT_A_DIRECTORY',
    class: 'config',
    hint: 'give the address of a directory',
  });
}

/** What is at a path; nothing also when a part of the path is a file. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
