const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/**
 * How long to wait before the next attempt: twice as long each time, up to 5 s, and up to half less at random, so that a
 * thousand agents that were lost at once do not all come back at once.
 *
 * @param attempt from 0
 * @param random from 0 up to but not including 1
 */
export function backOffMs(attempt: number, random: number): number {
  const fullMs = Math.min(FIRST_MS * 2 ** Math.min(attempt, 20), LONGEST_MS);
  return fullMs * (1 - random / 2);
}
