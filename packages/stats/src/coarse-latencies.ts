import {
  BUCKET_COUNT,
  bucketOfLatency,
  HIGHEST_LATENCY_NS,
  LOWEST_LATENCY_NS,
} from './latency-buckets.ts';
import type { LatencyHistogram } from './latency-histogram.ts';

/** Eight buckets of three digits make one of two: within 1 % above 65 µs, within 512 ns below. */
const COARSENESS_BITS = 3;
const FINE_PER_COARSE = 1 << COARSENESS_BITS;
const ROW_LENGTH = BUCKET_COUNT >> COARSENESS_BITS;

/**
 * Zeroed memory for {@link CoarseLatencies}: 14 kB of address space for each row. Pages that are never touched take
 * no memory, so that a row costs something when it is first used.
 */
export function allocateCoarseLatencies(rowCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rowCount * ROW_LENGTH * Uint32Array.BYTES_PER_ELEMENT);
}

/**
 * Histograms of latencies with two digits, one for each row of something that there may be many of. One worker
 * thread writes, anyone reads.
 */
export class CoarseLatencies {
  readonly #counts: Uint32Array;
  readonly #used = new Set<number>();

  constructor(memory: SharedArrayBuffer) {
    this.#counts = new Uint32Array(memory);
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
    for (const row of this.#used) this.#row(row).fill(0);
    this.#used.clear();
  }

  /** Adds a row to a histogram. Each sample counts as the highest latency of its bucket. */
  addTo(histogram: LatencyHistogram, row: number): void {
    for (const [bucket, count] of this.#row(row).entries()) {
      if (count > 0) histogram.addCount(bucket * FINE_PER_COARSE + FINE_PER_COARSE - 1, count);
    }
  }

  #row(row: number): Uint32Array {
    return this.#counts.subarray(row * ROW_LENGTH, (row + 1) * ROW_LENGTH);
  }
}
