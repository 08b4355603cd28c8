import type { StoreRequest } from '../store-request.ts';
import { endOfRead, readLength } from './read-length.ts';

/** What O_DIRECT asks of addresses, lengths and offsets: a multiple of this suits every usual device. */
export const DIRECT_BLOCK_BYTES = 4096;

export function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / DIRECT_BLOCK_BYTES) * DIRECT_BLOCK_BYTES;
}

export function startOfBlock(bytes: number): number {
  return bytes - (bytes % DIRECT_BLOCK_BYTES);
}

/**
 * The bytes of a chunk in pieces that O_DIRECT takes: whole blocks at page boundaries. What does not fill the last
 * block is followed by zeros, which the file must be cut by afterwards.
 *
 * @param aligned whether the chunk begins at a page boundary
 * @param spare an aligned buffer that holds what must be copied: the last block, or all of a chunk that is not aligned
 */
export function directPieces(
  chunk: Uint8Array,
  aligned: boolean,
  spare: Uint8Array,
): readonly Uint8Array[] {
  const whole = aligned ? startOfBlock(chunk.length) : 0;
  if (whole === chunk.length) return whole === 0 ? [] : [chunk];
  const copied = chunk.length - whole;
  spare.set(whole === 0 ? chunk : chunk.subarray(whole));
  spare.fill(0, copied, wholeBlocks(copied));
  const last = spare.subarray(0, wholeBlocks(copied));
  return whole === 0 ? [last] : [chunk.subarray(0, whole), last];
}

/** What is left of pieces when `bytes`, a number of whole blocks, have been written. */
export function piecesAfter(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    if (skipped === 0) return [piece];
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}

/** How much of a file a GET reads at a position, in whole blocks; see {@link readLength}. */
export function directReadLength(
  request: StoreRequest,
  positionBytes: number,
  chunkBytes: number,
): number {
  const bytes =
    request.range === undefined
      ? readLength(request.sizeBytes, positionBytes, chunkBytes)
      : endOfRead(request) - positionBytes;
  return Math.min(wholeBlocks(bytes), chunkBytes);
}
