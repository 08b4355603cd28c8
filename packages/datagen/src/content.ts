import type { Seed } from './seed.ts';

/**
 * What the bytes of a set of objects are.
 *
 * Content is made of blocks of {@link BLOCK_BYTES}, counted from the start of each object. With
 * nth(seed, n) = mix64(seed + (n + 1) * 0x9e3779b97f4a7c15), where mix64 is the finaliser of splitmix64:
 *
 *   block seed   = nth(nth(content seed, object), block)
 *   sector key   = nth(block seed, 2s), nth(block seed, 2s + 1)        16 bytes, little endian
 *   sector bytes = key, repeated, XOR 512 bytes of the pool at 16 * (first word of the key >> 48)
 *
 * for the sectors s = 0..7 of 512 bytes of each block. So every block can be checked knowing only the
 * seed, the object's number and the block's offset, no two sectors are equal, and no compressor finds
 * anything in them.
 */
export interface Content {
  readonly fill: 'random' | 'zero';
  /** Distinguishes sets of objects that have equal numbers. */
  readonly seed: Seed;
  /** N:1 compressible: all but the first 1/N of each block is zeros. 1 for not compressible. */
  readonly compressFactor: number;
  /** N:1 deduplicable over blocks of 4 KiB; see dedup.ts. 1 for no duplicates. */
  readonly dedupFactor: number;
  /** Sizes and number of the objects, from which duplicates are spread; needed when dedupFactor > 1. */
  readonly dedupGroup?: DedupGroup;
}

/** What is known of a set of objects to spread duplicates over it evenly. */
export interface DedupGroup {
  /** Objects among which blocks are shared, at least 1. */
  readonly objects: number;
  /** Mean number of blocks per object that do not fill a whole multiple of the dedup factor. */
  readonly meanRemainderBlocks: number;
}

/** The unit of content: what storage systems deduplicate and what a read can verify alone. */
export const BLOCK_BYTES = 4096;

/** The step in which compressible blocks are divided into data and zeros. */
const GRANULE_BYTES = 16;

/** Bytes of data at the start of each block; the rest is zeros. */
export function dataBytesPerBlock(content: Content): number {
  if (content.fill === 'zero') return 0;
  return Math.round(BLOCK_BYTES / content.compressFactor / GRANULE_BYTES) * GRANULE_BYTES;
}

/** Number of blocks, the last one perhaps partial, of an object. */
export function blocksOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES);
}
