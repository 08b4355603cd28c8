import type { SizeDistribution } from './size-distribution.ts';
import { weightedSizes, type WeightedRange } from './weighted-sizes.ts';

/** Up to so many different sizes are kept as they are. */
const MAX_EXACT_SIZES = 1024;
/** Beyond that, sizes up to here are kept as they are, and larger ones in buckets this much wider than the one before. */
const EXACT_BELOW_BYTES = 128;
const BUCKET_GROWTH = Math.log(1.01);

interface Bucket {
  weight: number;
  minBytes: number;
  maxBytes: number;
  /** Sum of weight times size. */
  bytes: number;
}

/**
 * The sizes of any number of objects, taken in one by one and kept in bounded memory: as they are while there are
 * few different ones, else in buckets 1 % wide (some 3,300 at most) that keep their mean.
 */
export class SizeHistogram {
  #buckets = new Map<number, Bucket>();
  #exact = true;
  #weight = 0;

  /** Sum of the weights so far. */
  get weight(): number {
    return this.#weight;
  }

  /** @param sizeBytes whole number, 0 to 2^53 */
  add(sizeBytes: number, weight = 1): void {
    if (weight === 0) return;
    this.#weight += weight;
    this.#merge(this.#exact ? sizeBytes : bucketOf(sizeBytes), {
      weight,
      minBytes: sizeBytes,
      maxBytes: sizeBytes,
      bytes: sizeBytes * weight,
    });
    if (this.#exact && this.#buckets.size > MAX_EXACT_SIZES) this.#coarsen();
  }

  /**
   * The distribution with these sizes.
   *
   * @throws BenchError `SIZES_EMPTY` when there are none
   */
  toDistribution(): SizeDistribution {
    const buckets = [...this.#buckets.values()].toSorted((a, b) => a.minBytes - b.minBytes);
    return weightedSizes(buckets.map(rangeOf));
  }

  #merge(key: number, added: Bucket): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#buckets.set(key, added);
      return;
    }
    bucket.weight += added.weight;
    bucket.bytes += added.bytes;
    bucket.minBytes = Math.min(bucket.minBytes, added.minBytes);
    bucket.maxBytes = Math.max(bucket.maxBytes, added.maxBytes);
  }

  #coarsen(): void {
    const exact = this.#buckets;
    this.#exact = false;
    this.#buckets = new Map();
    for (const [sizeBytes, bucket] of exact) this.#merge(bucketOf(sizeBytes), bucket);
  }
}

function bucketOf(sizeBytes: number): number {
  if (sizeBytes <= EXACT_BELOW_BYTES) return sizeBytes;
  return (
    EXACT_BELOW_BYTES + 1 + Math.floor(Math.log(sizeBytes / EXACT_BELOW_BYTES) / BUCKET_GROWTH)
  );
}

/** The widest range of sizes that were there with the mean that they have: sizes are drawn from it evenly. */
function rangeOf({ bytes, maxBytes, minBytes, weight }: Bucket): WeightedRange {
  const meanBytes = bytes / weight;
  const reach = Math.min(meanBytes - minBytes, maxBytes - meanBytes);
  return {
    minBytes: Math.max(minBytes, Math.round(meanBytes - reach)),
    maxBytes: Math.min(maxBytes, Math.round(meanBytes + reach)),
    weight,
  };
}
