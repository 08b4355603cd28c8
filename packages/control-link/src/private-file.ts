import { readFileSync, statSync } from 'node:fs';
import { BenchError, systemCode } from '@sai3bench/errors';

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;

/**
 * Reads a file that nobody but its owner may read.
 *
 * @param what it is, as in "the token"
 * @returns undefined where there is no such file
 * @throws BenchError `PRIVATE_FILE_EXPOSED` when others may read or write it, `PRIVATE_FILE_UNREADABLE` when it cannot be
 *   read
 */
export function readPrivateFile(path: string, what: string): string | undefined {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'utf8');
    mode = statSync(path).mode;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new BenchError(`cannot read ${what} in ${path}`, {
      code: 'PRIVATE_FILE_UNREADABLE',
      class: 'config',
      hint: 'it must be a file that the user of this program may read',
      cause,
    });
  }
  if ((mode & OTHERS) !== 0) {
    throw new BenchError(`${what} in ${path} can be read by others`, {
      code: 'PRIVATE_FILE_EXPOSED',
      class: 'config',
      hint: `chmod 600 ${path}`,
    });
  }
  return text;
}
