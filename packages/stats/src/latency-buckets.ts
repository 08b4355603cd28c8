/**
 * The bucket layout of every latency histogram: HdrHistogram's own, for values of 64 ns to 1 h with
 * three significant digits. Indexes and values are interchangeable with any HdrHistogram that is built
 * with these three numbers (http://hdrhistogram.org, "Histogram" section of the Java documentation).
 *
 *   index       0 ........ 2047 | 2048 ..... 3071 | 3072 ..... 4095 | ...
 *   width        64 ns each     |  128 ns each    |  256 ns each    | doubles every 1024 buckets
 */
export const LOWEST_LATENCY_NS = 64;
export const HIGHEST_LATENCY_NS = 3_600_000_000_000;
export const SIGNIFICANT_DIGITS = 3;

/** Buckets in a histogram; indexes run from 0 to one less. */
export const BUCKET_COUNT = 27_648;

/** log2 of {@link LOWEST_LATENCY_NS}: values are counted in units of this size. */
const UNIT_BITS = 6;
/** Buckets of one width, as a power of two: 1024 buckets keep three digits. */
export const HALF_BITS = 10;
const HALF = 1 << HALF_BITS;
const LINEAR_MASK = 2 * HALF - 1;

/** Above this many units the value does not fit 31 bits and is shifted before it is split. */
const WIDE_UNITS = 2 ** 31;
const WIDE_SHIFT = 16;

/**
 * The bucket of a latency. The caller clamps to [{@link LOWEST_LATENCY_NS}, {@link HIGHEST_LATENCY_NS}].
 */
export function bucketOfLatency(latencyNs: number): number {
  const units = latencyNs / LOWEST_LATENCY_NS;
  if (units < WIDE_UNITS) {
    const whole = units | 0;
    const shift = 31 - HALF_BITS - Math.clz32(whole | LINEAR_MASK);
    return (shift << HALF_BITS) + (whole >>> shift);
  }
  const high = (units / 2 ** WIDE_SHIFT) | 0;
  const shift = 31 - HALF_BITS - Math.clz32(high);
  return ((shift + WIDE_SHIFT) << HALF_BITS) + (high >>> shift);
}

/** The smallest latency, in ns, that falls into a bucket. */
export function lowestLatencyOf(bucket: number): number {
  const shift = shiftOf(bucket);
  return (bucket - (shift << HALF_BITS)) * 2 ** (shift + UNIT_BITS);
}

/** The largest whole number of ns that falls into a bucket: what percentiles report. */
export function highestLatencyOf(bucket: number): number {
  return lowestLatencyOf(bucket) + 2 ** (shiftOf(bucket) + UNIT_BITS) - 1;
}

function shiftOf(bucket: number): number {
  return Math.max(0, (bucket >> HALF_BITS) - 1);
}
