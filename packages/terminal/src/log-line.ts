import { printableLine } from './printable.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * A log line with its time in UTC to the microsecond: `2026-02-18T23:23:29.517844Z  INFO text`.
 * It is one line, whatever the text.
 *
 * @param unixUs microseconds since 1970
 */
export function formatLogLine(unixUs: number, level: LogLevel, text: string): string {
  const seconds = new Date(Math.floor(unixUs / 1e6) * 1000).toISOString().slice(0, 19);
  const micros = Math.floor(unixUs % 1e6)
    .toString()
    .padStart(6, '0');
  return `${seconds}.${micros}Z ${level.toUpperCase().padStart(5)} ${printableLine(text)}`;
}
