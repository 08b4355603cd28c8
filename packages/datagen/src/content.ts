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
  /** N:1 compressible: of each block about 1/N is data, of the last one of what the object has of it; the rest is zeros. */
  readonly compressFactor: number;
  /** N:1 deduplicable over blocks of 4 KiB; see dedup.ts. 1 for no duplicates. */
  readonly dedupFactor: number;
  /** How duplicates are spread, by the sizes of the objects; needed when dedupFactor > 1. */
  readonly dedupGroup?: DedupGroup;
}

/** What is known of a set of objects to spread duplicates over it evenly. */
export interface DedupGroup {
  /** Objects among which blocks are shared, at least 1. */
  readonly objects: number;
  /** Distinct blocks that these objects draw from, of whole blocks and of the ones at the end that are not whole. */
  readonly sharedBlocks: number;
  readonly sharedTails: number;
}

/** The unit of content: what storage systems deduplicate and what a read can verify alone. */
export const BLOCK_BYTES = 4096;

/**
 * What compressed blocks contain besides the data: zstd spends 3 to 12 bytes on a block within a stream, 20 to 27 on a
 * block that it compresses alone. Half of that is taken off the data, so that both come close to the factor. A block at
 * the end of an object that is not whole is never alone, unless it is all of the object: it has its share.
 */
const FRAMING_BYTES = 12;
/** However compressible: so many bytes keep blocks apart. */
const MIN_DATA_BYTES = 16;

/** Bytes of data at the start of each whole block; the rest is zeros. */
export function dataBytesPerBlock(content: Content): number {
  return dataBytesOf(content, BLOCK_BYTES, FRAMING_BYTES);
}

/** Bytes of data at the start of the last block of an object that does not end with a whole block. */
export function dataBytesOfTail(content: Content, sizeBytes: number): number {
  const tailBytes = sizeBytes % BLOCK_BYTES;
  const isAlone = sizeBytes < BLOCK_BYTES;
  const share = isAlone ? 1 : tailBytes / BLOCK_BYTES;
  return dataBytesOf(content, tailBytes, Math.round(FRAMING_BYTES * share));
}

function dataBytesOf(content: Content, bytes: number, framingBytes: number): number {
  if (content.fill === 'zero') return 0;
  if (content.compressFactor === 1) return bytes;
  const dataBytes = Math.round(bytes / content.compressFactor) - framingBytes;
  return Math.min(bytes, Math.max(MIN_DATA_BYTES, dataBytes));
}
