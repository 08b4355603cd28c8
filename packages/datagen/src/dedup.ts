import { blocksOf, type DedupGroup } from './content.ts';
import { randomAt, type Seed } from './seed.ts';
import { sizeAt, type SizeDistribution } from './size-distribution.ts';

/** Blocks shared between objects belong to pseudo-objects numbered from here. */
const SHARED_OBJECTS = 2 ** 52;
/** Most objects among which blocks are shared, so that open-ended sets have groups too. */
const MAX_GROUP_OBJECTS = 65_536;
const SAMPLED_OBJECTS = 1024;

/**
 * Which block's content stands at block `block` of object `object`, so that over the whole set every
 * distinct block appears `factor` times on average.
 *
 * An object of n = q * factor + r blocks repeats q blocks `factor` times within itself. The r blocks
 * that remain are drawn, by hash, from blocks shared by a group of objects; the number of shared blocks
 * is chosen so that the expected number of distinct ones is 1/factor of those drawn.
 */
export function sharedBlock(
  seed: Seed,
  factor: number,
  group: DedupGroup,
  object: number,
  sizeBytes: number,
  block: number,
): { object: number; block: number } {
  const own = Math.floor(blocksOf(sizeBytes) / factor);
  if (block < own * factor) return { object, block: block % own };
  const drawn = group.objects * group.meanRemainderBlocks;
  const shared = Math.max(1, Math.round(drawn / drawsPerSharedBlock(factor)));
  return {
    object: SHARED_OBJECTS + Math.floor(object / group.objects),
    block: Math.floor(randomAt(seed, object, block - own * factor) * shared),
  };
}

/** What {@link sharedBlock} needs to know of `count` objects (Infinity for an open-ended set). */
export function dedupGroup(
  seed: Seed,
  factor: number,
  sizes: SizeDistribution,
  count: number,
): DedupGroup {
  const sampled = Math.min(count, sizes.type === 'fixed' ? 1 : SAMPLED_OBJECTS);
  let remainders = 0;
  for (let index = 0; index < sampled; index++) {
    remainders += blocksOf(sizeAt(sizes, seed, index)) % factor;
  }
  return {
    objects: Math.max(1, Math.min(count, MAX_GROUP_OBJECTS)),
    meanRemainderBlocks: sampled === 0 ? 0 : remainders / sampled,
  };
}

/**
 * How often a shared block must be drawn on average so that 1/factor of the draws are distinct:
 * the x with (1 - e^-x) / x = 1 / factor (expected occupancy of urns), by bisection.
 */
function drawsPerSharedBlock(factor: number): number {
  let low = 0;
  let high = 2 * factor;
  for (let step = 0; step < 50; step++) {
    const x = (low + high) / 2;
    if ((1 - Math.exp(-x)) / x > 1 / factor) low = x;
    else high = x;
  }
  return (low + high) / 2;
}
