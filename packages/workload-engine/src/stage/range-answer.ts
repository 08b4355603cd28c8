import { BenchError } from '@sai3bench/errors';
import type { Slot } from './slot.ts';

/** How stores say that an object ends before the part of it that was asked for begins. */
const BEHIND_END = new Set(['S3_InvalidRange', 'FILE_RANGE']);

/**
 * Decides what it means when a store refuses to return a part of an object because that is not so long: of an object
 * whose length is known it is not what was written; an empty one has no part that could be returned, and that is no error.
 */
export function settleRange({ expectedBytes, request }: Slot): void {
  const { error, key, range } = request;
  if (error === undefined || range === undefined || !BEHIND_END.has(error.code)) return;
  if (expectedBytes >= 0) {
    const from = String(range.offsetBytes);
    request.error = wrongLength(
      key,
      `GET ${key}: the object ends before byte ${from}, which it was written with`,
      error,
    );
  } else if (range.offsetBytes === 0) request.error = undefined;
}

/** The error of an object that has another length than it was written with. */
export function wrongLength(key: string, message: string, cause?: BenchError): BenchError {
  return new BenchError(message, {
    code: 'INTEGRITY_LENGTH',
    class: 'integrity',
    key,
    hint: 'the object was replaced or truncated since prepare: look for another writer',
    cause,
  });
}
