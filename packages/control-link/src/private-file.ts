import { BenchError, systemCode } from '@sai3bench/errors';
import { type BoundedFile, readBoundedFile } from './bounded-file.ts';

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;
/** Chains of certificates and keys have some kB. */
const MOST_BYTES = 256 * 1024;

/**
 * Reads a file that nobody but its owner may read.
 *
 * @param what it is, as in "the token"
 * @param mostBytes how much it may hold
 * @returns undefined where there is no such file
 * @throws BenchError `PRIVATE_FILE_EXPOSED` when others may read or write it, `PRIVATE_FILE_UNREADABLE` when it cannot be
 *   read, and what {@link readBoundedFile} throws
 */
export function readPrivateFile(
  path: string,
  what: string,
  mostBytes = MOST_BYTES,
): string | undefined {
  let file: BoundedFile;
  try {
    file = readBoundedFile(path, { mostBytes });
  } catch (cause) {
    if (BenchError.is(cause)) throw cause;
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new BenchError(`cannot read ${what} in ${path}`, {
      code: 'PRIVATE_FILE_UNREADABLE',
      class: 'config',
      hint: 'it must be a file that the user of this program may read',
      cause,
    });
  }
  if ((file.mode & OTHERS) !== 0) {
    throw new BenchError(`${what} in ${path} can be read by others`, {
      code: 'PRIVATE_FILE_EXPOSED',
      class: 'config',
      hint: `chmod 600 ${path}`,
    });
  }
  return file.text;
}
