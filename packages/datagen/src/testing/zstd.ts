import { once } from 'node:events';
import { constants, createZstdCompress } from 'node:zlib';

/** zstd that looks for repetitions within the last 128 MiB, and is quick about the rest. */
const PARAMETERS = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_windowLog]: 27,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
};
/** Pieces are collected up to this size: each that is handed over costs a change of threads. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** How many times smaller zstd, with a window of 128 MiB, makes a stream of pieces. */
export async function zstdRatio(pieces: Iterable<Uint8Array>): Promise<number> {
  const stream = createZstdCompress({ params: PARAMETERS, chunkSize: 1024 * 1024 });
  let compressedBytes = 0;
  stream.on('data', (data: Buffer) => (compressedBytes += data.length));
  const ended = once(stream, 'end');
  const batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let held = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    // A buffer may be used again when what was written from it is done.
    await new Promise<void>((resolve, reject) => {
      stream.write(batch.subarray(0, held), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    held = 0;
  };
  for (const piece of pieces) {
    bytes += piece.length;
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(piece.length - at, BATCH_BYTES - held);
      batch.set(piece.subarray(at, at + taken), held);
      at += taken;
      held += taken;
      if (held === BATCH_BYTES) await flush();
    }
  }
  if (held > 0) await flush();
  stream.end();
  await ended;
  return bytes / compressedBytes;
}
