import { formatDurationMs } from '@sai3bench/units';

const MINUTE_MS = 60_000;
/** From here on somebody should look after the clocks. */
const WARNING_MS = MINUTE_MS;
/** From here on S3 refuses requests: RequestTimeTooSkewed. */
const ERROR_MS = 15 * MINUTE_MS;
/** The time in a Date field is cut to whole seconds. */
const RESOLUTION_MS = 1_000;

/**
 * How far this host's clock is before the server's, in ms; negative when it is behind.
 *
 * @param date the Date field of an answer
 * @param sentAtMs time of day when the request was sent, ms since 1970
 * @param receivedAtMs and when its answer came
 * @returns undefined when there is no date
 */
export function skewMs(
  date: string | undefined,
  sentAtMs: number,
  receivedAtMs: number,
): number | undefined {
  const serverMs = Date.parse(date ?? '');
  if (Number.isNaN(serverMs)) return undefined;
  return (sentAtMs + receivedAtMs) / 2 - (serverMs + RESOLUTION_MS / 2);
}

/** How bad a difference is. */
export function skewLevel(differenceMs: number): 'info' | 'warning' | 'error' {
  const size = Math.abs(differenceMs);
  if (size >= ERROR_MS) return 'error';
  return size >= WARNING_MS ? 'warning' : 'info';
}

/** A difference in words; the same words for all that cannot be told from none. */
export function describeSkew(differenceMs: number): string {
  const size = Math.abs(differenceMs);
  if (size < 2 * RESOLUTION_MS) return 'the clock of this host agrees with that of the server';
  const seconds = Math.round(size / 1_000) * 1_000;
  const where = differenceMs > 0 ? 'ahead of' : 'behind';
  return `the clock of this host is ${formatDurationMs(seconds)} ${where} that of the server`;
}
