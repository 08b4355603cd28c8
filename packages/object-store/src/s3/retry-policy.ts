import type { BenchError } from '@sai3bench/errors';

const FIRST_MS = 100;
/** A server that asks to slow down gets more time. */
const FIRST_THROTTLED_MS = 500;
const LONGEST_MS = 20_000;

/** Whether and when a failed operation is tried again: exponential back-off with full jitter. */
export class RetryPolicy {
  readonly #maxRetries: number;
  readonly #random: () => number;

  constructor(maxRetries: number, random: () => number = Math.random) {
    this.#maxRetries = maxRetries;
    this.#random = random;
  }

  /**
   * How long to wait before the next attempt; undefined when there is to be none.
   *
   * @param retries how many there have been
   */
  delayMs(error: BenchError, retries: number): number | undefined {
    if (retries >= this.#maxRetries || !error.retryable) return undefined;
    const first = error.class === 'throttled' ? FIRST_THROTTLED_MS : FIRST_MS;
    return this.#random() * Math.min(LONGEST_MS, first * 2 ** retries);
  }
}
