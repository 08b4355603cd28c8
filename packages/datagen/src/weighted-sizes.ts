import { BenchError } from '@sai3bench/errors';
import type { SizeBucket, SizeDistribution } from './size-distribution.ts';

/** A range of sizes, and how many objects have them relative to other ranges. */
export interface WeightedRange {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly weight: number;
}

/**
 * The distribution that draws from each range in proportion to its weight, and within it every size alike.
 *
 * @throws BenchError `SIZES_EMPTY` when no range has a weight above 0
 */
export function weightedSizes(ranges: readonly WeightedRange[]): SizeDistribution {
  const used = ranges.filter(({ weight }) => weight > 0);
  const [first] = used;
  if (first === undefined) {
    throw new BenchError('there are no sizes with a weight above 0 to draw from', {
      code: 'SIZES_EMPTY',
      class: 'config',
    });
  }
  if (used.length === 1 && first.minBytes === first.maxBytes) {
    return { type: 'fixed', sizeBytes: first.minBytes };
  }
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  const buckets = used.map(({ maxBytes, minBytes, weight }, index): SizeBucket => {
    sum += weight;
    // Sums are rounded; the last bucket has to take what is left.
    return { minBytes, maxBytes, upTo: index === used.length - 1 ? 1 : sum / total };
  });
  return { type: 'weighted', buckets };
}
