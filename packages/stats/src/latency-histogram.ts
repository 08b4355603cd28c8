import {
  BUCKET_COUNT,
  bucketOfLatency,
  HALF_BITS,
  HIGHEST_LATENCY_NS,
  highestLatencyOf,
  LOWEST_LATENCY_NS,
} from './latency-buckets.ts';
import { SparseCountsReader, SparseCountsWriter } from './sparse-counts.ts';

const PAGE_SIZE = 1 << HALF_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
const PAGE_COUNT = BUCKET_COUNT / PAGE_SIZE;

/** For one list after the other. */
const WRITER = new SparseCountsWriter();
const READER = new SparseCountsReader();
/** For the sum of one page after the other. */
const SUM = new Float64Array(PAGE_SIZE);

/**
 * A histogram of latencies: 64 ns to 1 h with three digits, counts exact up to 2^53.
 *
 * Merging is exact: adding histograms, in any order, gives the same percentiles as one histogram that
 * was fed with every sample. Memory is taken in pages of 1024 buckets (8 KiB) when first touched,
 * usually 5 to 10 of them, so that thousands of histograms can be held.
 */
export class LatencyHistogram {
  readonly #pages: (Float64Array | undefined)[] = new Array<Float64Array | undefined>(PAGE_COUNT);
  /** Number of samples in each page: most are passed over without a look at their buckets. */
  readonly #pageCounts: number[] = new Array<number>(PAGE_COUNT).fill(0);
  #count = 0;

  /** Number of samples. */
  get count(): number {
    return this.#count;
  }

  /** Forgets all samples, but keeps the memory. */
  reset(): void {
    if (this.#count === 0) return;
    for (let index = 0; index < PAGE_COUNT; index++) {
      if (this.#pageCounts[index] === 0) continue;
      this.#pages[index]?.fill(0);
      this.#pageCounts[index] = 0;
    }
    this.#count = 0;
  }

  /** Records one latency, clamped to the range of the layout. */
  record(latencyNs: number): void {
    const clamped = Math.min(Math.max(latencyNs, LOWEST_LATENCY_NS), HIGHEST_LATENCY_NS);
    this.addCount(bucketOfLatency(clamped), 1);
  }

  /** Adds `count` samples to one bucket. */
  addCount(bucket: number, count: number): void {
    const pageIndex = bucket >> HALF_BITS;
    const page = this.#page(pageIndex);
    const slot = bucket & PAGE_MASK;
    page[slot] = (page[slot] ?? 0) + count;
    this.#addToPage(pageIndex, count);
  }

  /**
   * Adds the samples of an encoded list.
   *
   * @throws BenchError `STATS_MALFORMED` when the bytes are not such a list
   */
  addSparse(encoded: Uint8Array): void {
    const [end = 0] = READER.read([encoded]);
    this.addDecoded(READER, 0, end);
  }

  /**
   * Adds the samples of a decoded list.
   *
   * @param begin where its buckets begin
   * @param end where they end
   */
  addDecoded({ buckets, counts }: SparseCountsReader, begin: number, end: number): void {
    for (let index = begin; index < end;) {
      const pageIndex = (buckets[index] ?? 0) >> HALF_BITS;
      const page = this.#page(pageIndex);
      let sum = 0;
      // What follows in the same page, in a loop that calls nothing.
      const pageEnd = (pageIndex + 1) << HALF_BITS;
      for (; index < end; index++) {
        const bucket = buckets[index] ?? 0;
        if (bucket >= pageEnd) break;
        const count = counts[index] ?? 0;
        const slot = bucket & PAGE_MASK;
        page[slot] = (page[slot] ?? 0) + count;
        sum += count;
      }
      this.#addToPage(pageIndex, sum);
    }
  }

  /** Adds the samples of another histogram. */
  addHistogram(other: LatencyHistogram): void {
    if (other.#count === 0) return;
    for (let index = 0; index < PAGE_COUNT; index++) {
      const theirs = other.#pages[index];
      const theirCount = other.#pageCounts[index] ?? 0;
      if (theirs === undefined || theirCount === 0) continue;
      this.#addToPage(index, theirCount);
      const ours = this.#pages[index];
      if (ours === undefined) {
        this.#pages[index] = theirs.slice();
        continue;
      }
      for (let slot = 0; slot < PAGE_SIZE; slot++) {
        ours[slot] = (ours[slot] ?? 0) + (theirs[slot] ?? 0);
      }
    }
  }

  /** Calls `visit` for every bucket that holds samples, in ascending order. */
  forEachBucket(visit: (bucket: number, count: number) => void): void {
    for (const [pageIndex, page] of this.#filledPages()) {
      for (let slot = 0; slot < PAGE_SIZE; slot++) {
        const count = page[slot] ?? 0;
        if (count > 0) visit((pageIndex << HALF_BITS) + slot, count);
      }
    }
  }

  /** The samples as an encoded list; see {@link SparseCountsWriter}. */
  toSparse(): Uint8Array {
    this.writeTo(WRITER);
    return WRITER.take();
  }

  /** Appends the same to what a writer has. */
  writeTo(writer: SparseCountsWriter): void {
    for (const [pageIndex, page] of this.#filledPages()) {
      writer.pushAll(page, pageIndex << HALF_BITS);
    }
  }

  /**
   * The latency in ns that `percentile` percent of the samples do not exceed (HdrHistogram's
   * definition: the upper edge of the first bucket at which the count is reached). 0 without samples.
   *
   * @param percentile above 0, at most 100; 100 gives the maximum
   */
  percentileNs(percentile: number): number {
    return this.percentilesNs([percentile])[0] ?? 0;
  }

  /** Several percentiles in one pass; `percentiles` are ascending. See {@link percentileNs}. */
  percentilesNs(percentiles: readonly number[]): number[] {
    return LatencyHistogram.percentilesOf([this], percentiles);
  }

  /** The same of several histograms together, which need not be added up for it. */
  static percentilesOf(
    histograms: readonly LatencyHistogram[],
    percentiles: readonly number[],
  ): number[] {
    const total = histograms.reduce((sum, { count }) => sum + count, 0);
    const targets = percentiles.map((percentile) => countAt(percentile, total));
    const values = new Array<number>(percentiles.length).fill(0);
    let next = 0;
    let target = targets[0] ?? Infinity;
    let seen = 0;
    for (let pageIndex = 0; pageIndex < PAGE_COUNT && next < targets.length; pageIndex++) {
      const inPage = histograms.reduce(
        (sum, other) => sum + (other.#pageCounts[pageIndex] ?? 0),
        0,
      );
      if (seen + inPage < target) {
        seen += inPage;
        continue;
      }
      const page = pageOf(histograms.map((histogram) => histogram.#filledPage(pageIndex)));
      if (page === undefined) continue;
      for (let slot = 0; slot < PAGE_SIZE && next < targets.length; slot++) {
        seen += page[slot] ?? 0;
        while (seen >= target) {
          values[next++] = highestLatencyOf((pageIndex << HALF_BITS) + slot);
          target = targets[next] ?? Infinity;
        }
      }
    }
    return values;
  }

  #page(pageIndex: number): Float64Array {
    return (this.#pages[pageIndex] ??= new Float64Array(PAGE_SIZE));
  }

  #addToPage(pageIndex: number, count: number): void {
    this.#pageCounts[pageIndex] = (this.#pageCounts[pageIndex] ?? 0) + count;
    this.#count += count;
  }

  /** The page if there are samples in it. */
  #filledPage(pageIndex: number): Float64Array | undefined {
    return this.#pageCounts[pageIndex] === 0 ? undefined : this.#pages[pageIndex];
  }

  /** Pages that hold samples, in ascending order. */
  #filledPages(): [number, Float64Array][] {
    return this.#pages.flatMap((page, index) =>
      page === undefined || this.#pageCounts[index] === 0 ? [] : [[index, page]],
    );
  }
}

/** Several pages as one, which holds until it is asked for others; undefined when there is none. */
function pageOf(pages: readonly (Float64Array | undefined)[]): Float64Array | undefined {
  const [first, ...others] = pages.filter((page) => page !== undefined);
  if (first === undefined || others.length === 0) return first;
  SUM.set(first);
  for (const page of others) {
    for (let slot = 0; slot < PAGE_SIZE; slot++) SUM[slot] = (SUM[slot] ?? 0) + (page[slot] ?? 0);
  }
  return SUM;
}

/**
 * How many samples must be reached for a percentile, at least 1. The subtraction of one unit in the
 * last place keeps the product's rounding error from asking for one sample too many.
 */
function countAt(percentile: number, total: number): number {
  const exact = (Math.min(percentile, 100) / 100) * total;
  return Math.max(Math.ceil(exact * (1 - Number.EPSILON)), 1);
}
