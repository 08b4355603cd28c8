import { closeSync, constants, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AlignedBuffers } from './aligned-buffers.ts';
import { DIRECT_BLOCK_BYTES } from './direct-blocks.ts';
import { directError } from './direct-error.ts';
import { FILE_MODE } from './file-keys.ts';

/**
 * Writes one block to a new file with O_DIRECT, and removes it.
 *
 * @throws BenchError `FILE_DIRECT_REFUSED` when the file system refuses it
 */
export function probeDirectWrite(directory: string, name: string): void {
  const path = join(directory, name);
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_DIRECT;
    withFile(path, flags, (file) => writeSync(file, oneBlock(), 0, DIRECT_BLOCK_BYTES, 0));
  } catch (error) {
    throw directError('PUT', path, error);
  } finally {
    // A file system that refuses may do so after it has made the file.
    rmSync(path, { force: true });
  }
}

/**
 * Reads one block of a file of a directory with O_DIRECT.
 *
 * @returns whether there is a file to try it on
 * @throws BenchError `FILE_DIRECT_REFUSED` when the file system refuses it
 */
export function probeDirectRead(directory: string): boolean {
  const entry = readdirSync(directory, { withFileTypes: true }).find((each) => each.isFile());
  if (entry === undefined) return false;
  const path = join(directory, entry.name);
  try {
    withFile(path, constants.O_RDONLY | constants.O_DIRECT, (file) =>
      readSync(file, oneBlock(), 0, DIRECT_BLOCK_BYTES, 0),
    );
    return true;
  } catch (error) {
    throw directError('GET', path, error);
  }
}

function oneBlock(): Uint8Array {
  return new AlignedBuffers(DIRECT_BLOCK_BYTES, 1).take();
}

function withFile(path: string, flags: number, use: (file: number) => void): void {
  const file = openSync(path, flags, FILE_MODE);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
