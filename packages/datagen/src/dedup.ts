import { BLOCK_BYTES, type DedupGroup } from './content.ts';
import { randomAt, type Seed } from './seed.ts';
import { sizeAt, type SizeDistribution } from './size-distribution.ts';

/** Blocks shared between objects belong to pseudo-objects numbered from here, two for each group. */
const SHARED_OBJECTS = 2 ** 52;
/**
 * So many blocks are shared in a group: enough that rounding does not matter, and few enough that groups are full soon,
 * because a set of objects that ends within a group has fewer duplicates there.
 */
const SHARED_BLOCKS = 64;
const SAMPLED_OBJECTS = 1024;

/**
 * Which block's content stands at block `block` of object `object`, so that over the whole set every
 * distinct block appears `factor` times on average.
 *
 * An object of n = q * factor + r whole blocks repeats q blocks `factor` times within itself. The r blocks
 * that remain are drawn, by hash, from blocks shared by a group of objects; the number of shared blocks
 * is chosen so that the expected number of distinct ones is 1/factor of those drawn. A block at the end that is
 * not whole can only be equal to one of the same length: these are drawn from shared blocks of their own.
 */
export function sharedBlock(
  seed: Seed,
  factor: number,
  group: DedupGroup,
  object: number,
  sizeBytes: number,
  block: number,
): { object: number; block: number } {
  const whole = Math.floor(sizeBytes / BLOCK_BYTES);
  const own = Math.floor(whole / factor);
  if (block < own * factor) return { object, block: block % own };
  const isTail = block >= whole;
  const shared = isTail ? group.sharedTails : group.sharedBlocks;
  return {
    object: SHARED_OBJECTS + 2 * Math.floor(object / group.objects) + (isTail ? 1 : 0),
    block: Math.floor(randomAt(seed, object, block - own * factor) * shared),
  };
}

/**
 * What {@link sharedBlock} needs to know of a set. Not how many objects it has: those of a set that has grown since are
 * as they were.
 */
export function dedupGroup(seed: Seed, factor: number, sizes: SizeDistribution): DedupGroup {
  const sampled = sizes.type === 'fixed' ? 1 : SAMPLED_OBJECTS;
  let remainders = 0;
  let tails = 0;
  for (let index = 0; index < sampled; index++) {
    const sizeBytes = sizeAt(sizes, seed, index);
    const whole = Math.floor(sizeBytes / BLOCK_BYTES);
    remainders += whole % factor;
    if (sizeBytes % BLOCK_BYTES > 0) tails++;
  }
  const perObject = { remainders: remainders / sampled, tails: tails / sampled };
  const drawsPerBlock = drawsPerSharedBlock(factor);
  const drawn = Math.max(perObject.remainders, perObject.tails);
  const objects = drawn === 0 ? 1 : Math.ceil((SHARED_BLOCKS * drawsPerBlock) / drawn);
  const sharedBy = (mean: number): number =>
    Math.max(1, Math.round((objects * mean) / drawsPerBlock));
  return {
    objects,
    sharedBlocks: sharedBy(perObject.remainders),
    sharedTails: sharedBy(perObject.tails),
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
