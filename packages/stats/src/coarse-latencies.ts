import {
  BUCKET_COUNT,
  bucketOfLatency,
  HIGHEST_LATENCY_NS,
  LOWEST_LATENCY_NS,
} from './latency-buckets.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** Eight buckets of three digits make one of two: within 1 % above 65 µs, within 512 ns below. */
const COARSENESS_BITS = 3;
const FINE_PER_COARSE = 1 << COARSENESS_BITS;
const ROW_LENGTH = BUCKET_COUNT >> COARSENESS_BITS;

/**
 * Zeroed memory for {@link CoarseLatencies}: 28 kB of address space for each row. Pages that are never touched take
 * no memory, so that a row costs something when it is first used.
 */
export function allocateCoarseLatencies(rowCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rowCount * ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT);
}

/** The samples of a row, each as the highest latency of its bucket. */
function addRow(histogram: LatencyHistogram, counts: Iterable<number>): void {
  let bucket = FINE_PER_COARSE - 1;
  for (const count of counts) {
    if (count > 0) histogram.addCount(bucket, count);
    bucket += FINE_PER_COARSE;
  }
}

/** Hands out what was recorded in {@link CoarseLatencies} that are never cleared, since it was last asked. */
export class CoarseLatencyReader {
  readonly #counts: Float64Array;
  readonly #seen = new Map<number, Float64Array>();

  constructor(memory: SharedArrayBuffer) {
    this.#counts = new Float64Array(memory);
  }

  /** What was added to a row since the last call for it. */
  takeDelta(row: number): LatencyHistogram {
    const now = this.#counts.slice(row * ROW_LENGTH, (row + 1) * ROW_LENGTH);
    const before = this.#seen.get(row);
    this.#seen.set(row, now);
    const histogram = new LatencyHistogram();
    addRow(histogram, before === undefined ? now : now.map((count, i) => count - (before[i] ?? 0)));
    return histogram;
  }
}

/**
 * Histograms of latencies with two digits, one for each row of something that there may be many of. One worker
 * thread writes, anyone reads. Counts are exact up to 2^53: one bucket can get thousands of millions in a stage.
 */
export class CoarseLatencies {
  readonly #counts: Float64Array;
  readonly #used = new Set<number>();

  constructor(memory: SharedArrayBuffer) {
    this.#counts = new Float64Array(memory);
  }

  /** Records one latency, clamped to the range of all histograms. */
  record(row: number, latencyNs: number): void {
    const clamped = Math.min(Math.max(latencyNs, LOWEST_LATENCY_NS), HIGHEST_LATENCY_NS);
    const index = row * ROW_LENGTH + (bucketOfLatency(clamped) >> COARSENESS_BITS);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#used.add(row);
  }

  /** Forgets what was recorded through this object. */
  clear(): void {
    for (const used of this.#used) {
      const row = this.#row(used);
      // Not filled, which would touch every page.
      for (let bucket = 0; bucket < ROW_LENGTH; bucket++) if (row[bucket] !== 0) row[bucket] = 0;
    }
    this.#used.clear();
  }

  /** Adds a row to a histogram. Each sample counts as the highest latency of its bucket. */
  addTo(histogram: LatencyHistogram, row: number): void {
    addRow(histogram, this.#row(row));
  }

  #row(row: number): Float64Array {
    return this.#counts.subarray(row * ROW_LENGTH, (row + 1) * ROW_LENGTH);
  }
}
