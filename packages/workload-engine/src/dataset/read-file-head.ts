import { open } from 'node:fs/promises';
import { BenchError } from '@sai3bench/errors';
import { systemErrorMeaning } from '@sai3bench/object-store';

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
    const meaning = systemErrorMeaning(error);
    throw new BenchError(`${path} cannot be read`, {
      code: `FILE_${meaning?.code ?? 'FAILED'}`,
      class: meaning?.class ?? 'internal',
      hint: meaning?.hint,
      key: path,
      retryable: false,
      cause: error,
    });
  }
}
