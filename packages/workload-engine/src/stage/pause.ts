import type { ErrorHandlingPlan } from '@sai3bench/workload-config/plan';

/** How pauses between the attempts of an operation grow. */
export interface RetryPauses {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Each is this many times the one before. */
  readonly multiplier: number;
  /** Each is shortened or lengthened by up to this share, so that slots do not retry in step. */
  readonly jitter: number;
}

export const DEFAULT_RETRY_PAUSES: RetryPauses = {
  firstMs: 100,
  longestMs: 5_000,
  multiplier: 2,
  jitter: 0.25,
};

/** The pauses that a workload asks for, or the usual ones. */
export function retryPausesOf(retry: ErrorHandlingPlan['retry']): RetryPauses {
  if (retry === undefined) return DEFAULT_RETRY_PAUSES;
  const { initialDelayMs, jitter, maxDelayMs, multiplier } = retry;
  return { firstMs: initialDelayMs, longestMs: maxDelayMs, multiplier, jitter };
}

/** So often a pause grows at most: beyond that, the longest is always reached, or no pause grows. */
const MAX_GROWTHS = 1_000;

/**
 * How long to wait before an operation that failed is tried again.
 *
 * @param failures attempts that have failed so far, at least 1
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function retryPauseMs(
  failures: number,
  random: number,
  { firstMs, jitter, longestMs, multiplier } = DEFAULT_RETRY_PAUSES,
): number {
  if (firstMs === 0) return 0;
  const grown = firstMs * multiplier ** Math.min(failures - 1, MAX_GROWTHS);
  return Math.min(grown, longestMs) * (1 - jitter + 2 * jitter * random);
}

/** Failures in a row that a slot takes before it slows down, so that a dead server is not flooded. */
const TOLERATED_FAILURES = 3;
const LONGEST_SLOWDOWN_MS = 1_000;

/** How long a slot pauses before its next operation, after failures in a row. */
export function failurePauseMs(failuresInRow: number): number {
  if (failuresInRow <= TOLERATED_FAILURES) return 0;
  return Math.min(10 * 2 ** (failuresInRow - TOLERATED_FAILURES - 1), LONGEST_SLOWDOWN_MS);
}
