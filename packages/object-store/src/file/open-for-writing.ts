import { open, openSync } from 'node:fs';
import { systemCode } from '@sai3bench/errors';
import { FILE_MODE } from './file-keys.ts';
import type { MadeDirectories } from './made-directories.ts';
import type { SystemError } from './system-error.ts';

/** Opens a file for writing by a blocking call; makes the directories that are missing on the way to it. */
export function openForWritingSync(
  path: string,
  flags: number,
  directories: MadeDirectories,
): number {
  try {
    return openSync(path, flags, FILE_MODE);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    directories.makeParentOfSync(path);
    return openSync(path, flags, FILE_MODE);
  }
}

/** Opens a file for writing through the thread pool; makes the directories that are missing on the way to it. */
export function openForWriting(
  path: string,
  flags: number,
  directories: MadeDirectories,
  done: (error: SystemError, file: number) => void,
): void {
  open(path, flags, FILE_MODE, (error, file) => {
    if (error?.code !== 'ENOENT') {
      done(error, file);
      return;
    }
    directories.makeParentOf(path, (makeError) => {
      if (makeError === null) open(path, flags, FILE_MODE, done);
      else done(makeError, -1);
    });
  });
}
