const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const LATENCY_UNITS = ['ns', 'µs', 'ms', 's'] as const;

/** A count with a comma between thousands: `1,234,567`. Fractions are rounded away. */
export function formatCount(count: number): string {
  return withCommas(Math.round(count).toString());
}

/** A number with a fixed number of decimals and a comma between thousands: `29,104.25`. */
export function formatDecimal(value: number, decimals: number): string {
  const [whole = '0', fraction] = value.toFixed(decimals).split('.');
  return fraction === undefined ? withCommas(whole) : `${withCommas(whole)}.${fraction}`;
}

/** Bytes in the largest binary unit that keeps the number at 1 or more: `4 KiB`, `230.12 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const text = Number.isInteger(value) ? formatCount(value) : formatDecimal(value, 2);
  return `${text} ${BINARY_UNITS[unit] ?? ''}`;
}

/** A data rate in MiB/s with two decimals: `2,941.37 MiB/s`. */
export function formatThroughput(bytesPerSecond: number): string {
  return `${formatDecimal(bytesPerSecond / 1024 ** 2, 2)} MiB/s`;
}

/**
 * A latency in the unit in which it stays below 10,000, with up to five significant digits:
 * `812 ns`, `41.91 ms`, `1,234.5 µs`.
 */
export function formatLatencyNs(latencyNs: number): string {
  let value = latencyNs;
  let unit = 0;
  while (value >= 10_000 && unit < LATENCY_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = Number.isInteger(value)
    ? formatCount(value)
    : formatDecimal(value, Math.max(0, 5 - Math.trunc(value).toString().length));
  return `${text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')} ${LATENCY_UNITS[unit] ?? ''}`;
}

/** Elapsed time for a person: `850ms`, `12.34s`, `2m 53s`, `1h 02m 05s`. */
export function formatDurationMs(durationMs: number): string {
  if (durationMs < 1000) return `${String(Math.round(durationMs))}ms`;
  if (durationMs < 60_000) return `${trimZeros((durationMs / 1000).toFixed(2))}s`;
  const seconds = Math.round(durationMs / 1000);
  const two = (part: number): string => part.toString().padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${String(hours)}h ${two(minutes)}m ${two(seconds % 60)}s`
    : `${String(minutes)}m ${two(seconds % 60)}s`;
}

/** Time that something may still take, for a person, in whole seconds: `0s`, `4s`, `2m 53s`. */
export function formatEstimateMs(leftMs: number): string {
  const seconds = Math.max(0, Math.round(leftMs / 1000));
  return seconds === 0 ? '0s' : formatDurationMs(seconds * 1000);
}

/** Share of a whole in whole percent, rounded down so that 100% means all: `99%`. */
export function formatPercent(done: number, total: number): string {
  return `${String(total === 0 ? 100 : Math.floor((done / total) * 100))}%`;
}

function withCommas(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
