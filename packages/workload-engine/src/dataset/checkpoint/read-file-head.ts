import { open } from 'node:fs/promises';
import { localFileError } from './local-file-error.ts';

/**
 * The first bytes of a file, fewer where it is shorter.
 *
 * @throws BenchError `FILE_` with the system's code
 */
export async function readFileHead(path: string, lengthBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw localFileError(path, 'read', error);
  }
}
