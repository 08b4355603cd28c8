import { BenchError } from '@sai3bench/errors';

const MS = 1;
const SECOND = 1000 * MS;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: Readonly<Record<string, number>> = {
  us: MS / 1000,
  ms: MS,
  s: SECOND,
  sec: SECOND,
  secs: SECOND,
  second: SECOND,
  seconds: SECOND,
  m: MINUTE,
  min: MINUTE,
  mins: MINUTE,
  minute: MINUTE,
  minutes: MINUTE,
  h: HOUR,
  hr: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  day: DAY,
  days: DAY,
};

/**
 * A duration from what a person writes: a number of seconds (`300`, `"2.5"`), or one or more numbers
 * with units (`90s`, `1h 30m`, `250ms`, `2 days`).
 *
 * @returns milliseconds, at least 0, possibly fractional
 * @throws BenchError `UNIT_DURATION` when the text is not a duration
 */
export function parseDurationMs(value: string | number): number {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value < 0) throw invalid(String(value));
    return value * SECOND;
  }
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * SECOND;
  if (!/^(\d+(\.\d+)?\s*[a-z]+[\s,]*)+$/i.test(text)) throw invalid(value);
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const factor = UNITS[unit?.toLowerCase() ?? ''];
    if (factor === undefined) throw invalid(value);
    totalMs += Number(amount) * factor;
  }
  return totalMs;
}

function invalid(text: string): BenchError {
  return new BenchError(`"${text}" is not a duration`, {
    code: 'UNIT_DURATION',
    class: 'config',
    hint: 'write seconds, or numbers with units: 90, 90s, 5m, 1h 30m, 250ms',
  });
}
