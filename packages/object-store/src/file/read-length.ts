import type { StoreRequest } from '../store-request.ts';

/** Where in a file a GET ends: behind its range, or wherever the file does. */
export function endOfRead({ range }: StoreRequest): number {
  return range === undefined ? Infinity : range.offsetBytes + range.lengthBytes;
}

/** How much a GET asks for next; 0 when it has all of its range. */
export function nextReadLength(request: StoreRequest, chunkBytes: number): number {
  const { bytes, range, sizeBytes } = request;
  if (range === undefined) return readLength(sizeBytes, bytes, chunkBytes);
  return Math.min(range.lengthBytes - bytes, chunkBytes);
}

/**
 * How many bytes to ask for at a position of a file.
 *
 * @param sizeBytes expected length of the file; negative when it is not known
 */
export function readLength(sizeBytes: number, positionBytes: number, chunkBytes: number): number {
  // A file that has gone on where it should have ended may be of any length.
  if (positionBytes > sizeBytes) return chunkBytes;
  // One byte more than expected, so that a file of the expected length needs no second call to find its end.
  return Math.min(sizeBytes - positionBytes + 1, chunkBytes);
}
