import { randomAt, type Seed } from './seed.ts';

/** How large objects are. All sizes are whole bytes. */
export type SizeDistribution =
  | { readonly type: 'fixed'; readonly sizeBytes: number }
  | { readonly type: 'uniform'; readonly minBytes: number; readonly maxBytes: number }
  | {
      readonly type: 'lognormal';
      /** Mean and standard deviation of the sizes themselves, not of their logarithms. */
      readonly meanBytes: number;
      readonly stdDevBytes: number;
      readonly minBytes: number;
      readonly maxBytes: number;
    }
  | {
      readonly type: 'weighted';
      /** In any order of sizes, `upTo` ascending to 1; see weightedSizes(). */
      readonly buckets: readonly SizeBucket[];
    };

/** A range of sizes, each as likely as any other, and how many objects have them. */
export interface SizeBucket {
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Share of the objects, 0 to 1, that this bucket and all before it have. */
  readonly upTo: number;
}

/** Draws outside [min, max] are repeated this often before they are clamped. */
const MAX_REDRAWS = 100;

/** The size in bytes of object `index`: a pure function of distribution, seed and index. */
export function sizeAt(distribution: SizeDistribution, seed: Seed, index: number): number {
  switch (distribution.type) {
    case 'fixed':
      return distribution.sizeBytes;
    case 'uniform':
      return between(distribution.minBytes, distribution.maxBytes, randomAt(seed, index, 0));
    case 'lognormal':
      return lognormalAt(distribution, seed, index);
    case 'weighted': {
      const { maxBytes, minBytes } = bucketAt(distribution.buckets, randomAt(seed, index, 0));
      return minBytes === maxBytes
        ? minBytes
        : between(minBytes, maxBytes, randomAt(seed, index, 1));
    }
  }
}

/** @param random in [0, 1) */
function between(minBytes: number, maxBytes: number, random: number): number {
  return minBytes + Math.floor(random * (maxBytes - minBytes + 1));
}

const NO_BUCKET: SizeBucket = { minBytes: 0, maxBytes: 0, upTo: 1 };

/** The first bucket that reaches beyond `share`, found by halving. */
function bucketAt(buckets: readonly SizeBucket[], share: number): SizeBucket {
  let low = 0;
  let high = buckets.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((buckets[middle] ?? NO_BUCKET).upTo > share) high = middle;
    else low = middle + 1;
  }
  return buckets[low] ?? NO_BUCKET;
}

function lognormalAt(
  distribution: Extract<SizeDistribution, { type: 'lognormal' }>,
  seed: Seed,
  index: number,
): number {
  const { meanBytes, stdDevBytes, minBytes, maxBytes } = distribution;
  const variance = Math.log(1 + (stdDevBytes / meanBytes) ** 2);
  const mu = Math.log(meanBytes) - variance / 2;
  const sigma = Math.sqrt(variance);
  let sizeBytes = 0;
  for (let draw = 0; draw <= 2 * MAX_REDRAWS; draw += 2) {
    sizeBytes = Math.round(Math.exp(mu + sigma * normalAt(seed, index, draw)));
    if (sizeBytes >= minBytes && sizeBytes <= maxBytes) return sizeBytes;
  }
  return Math.min(Math.max(sizeBytes, minBytes), maxBytes);
}

/** A standard normal number by the Box-Muller transform; uses draws `draw` and `draw + 1`. */
function normalAt(seed: Seed, index: number, draw: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - randomAt(seed, index, draw)));
  return radius * Math.cos(2 * Math.PI * randomAt(seed, index, draw + 1));
}

/** The largest size that the distribution can yield. */
export function maxSizeBytes(distribution: SizeDistribution): number {
  switch (distribution.type) {
    case 'fixed':
      return distribution.sizeBytes;
    case 'weighted':
      return distribution.buckets.reduce((most, { maxBytes }) => Math.max(most, maxBytes), 0);
    default:
      return distribution.maxBytes;
  }
}

/**
 * The mean size in bytes, for estimates. That of a lognormal distribution ignores its bounds except
 * to stay between them.
 */
export function meanSizeBytes(distribution: SizeDistribution): number {
  switch (distribution.type) {
    case 'fixed':
      return distribution.sizeBytes;
    case 'uniform':
      return (distribution.minBytes + distribution.maxBytes) / 2;
    case 'lognormal':
      return Math.min(
        Math.max(distribution.meanBytes, distribution.minBytes),
        distribution.maxBytes,
      );
    case 'weighted': {
      let before = 0;
      let mean = 0;
      for (const { maxBytes, minBytes, upTo } of distribution.buckets) {
        mean += (upTo - before) * ((minBytes + maxBytes) / 2);
        before = upTo;
      }
      return mean;
    }
  }
}
