/** Pauses grow from here, doubling, up to the longest. */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** Each pause is shortened or lengthened by up to this share, so that slots do not retry in step. */
const JITTER = 0.25;

/**
 * How long to wait before an operation that failed is tried again.
 *
 * @param failures attempts that have failed so far, at least 1
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function retryPauseMs(failures: number, random: number): number {
  const pauseMs = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return pauseMs * (1 - JITTER + 2 * JITTER * random);
}

/** Failures in a row that a slot takes before it slows down, so that a dead server is not flooded. */
const TOLERATED_FAILURES = 3;
const LONGEST_SLOWDOWN_MS = 1_000;

/** How long a slot pauses before its next operation, after failures in a row. */
export function failurePauseMs(failuresInRow: number): number {
  if (failuresInRow <= TOLERATED_FAILURES) return 0;
  return Math.min(10 * 2 ** (failuresInRow - TOLERATED_FAILURES - 1), LONGEST_SLOWDOWN_MS);
}
