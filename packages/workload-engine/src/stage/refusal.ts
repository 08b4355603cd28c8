import type { BenchError, ErrorClass } from '@sai3bench/errors';

/** Kinds of errors with which a storage answers that it will not do what it was asked for, and has done nothing. */
const REFUSALS: ReadonlySet<ErrorClass> = new Set(['auth', 'permission', 'not-found', 'config']);

/**
 * Whether an operation that failed has certainly changed nothing. An answer that was lost, a server that failed, or a
 * storage that ran full on the way leave that open.
 */
export function isRefusal(error: BenchError): boolean {
  return !error.retryable && REFUSALS.has(error.class);
}
