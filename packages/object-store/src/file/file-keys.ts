import { constants } from 'node:fs';

/** How a PUT opens its file: made when missing, emptied when not. */
export const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
export const FILE_MODE = 0o644;

/** Whether a key stays below the store's directory. */
export function isSafeKey(key: string): boolean {
  return (
    !key.startsWith('/') &&
    !key.includes('\0') &&
    (!key.includes('..') || !key.split('/').includes('..'))
  );
}

/** The directory part of a key, ending with a slash; empty for a key without one. */
export function directoryOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** Whether objects with a key prefix may lie in a directory. */
export function couldHold(directory: string, prefix: string): boolean {
  return directory.startsWith(prefix) || prefix.startsWith(directory);
}
