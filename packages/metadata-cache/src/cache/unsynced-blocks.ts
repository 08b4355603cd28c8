import type { IndexRange } from '../snapshot/known-range.ts';
import { SEGMENT_BLOCKS } from '../states/segment.ts';
import { BLOCK_OBJECTS, BLOCKS_PER_DIRTY_WORD } from '../states/state-memory.ts';
import { recordsOf } from './block-log.ts';
import type { CacheDatabase } from './cache-database.ts';
import type { StoredPiece } from './stored-piece.ts';

/** Words of the bits of one segment. */
export const SEGMENT_DIRTY_WORDS = SEGMENT_BLOCKS / BLOCKS_PER_DIRTY_WORD;

/** Which blocks have changed since it was last known that the storage has everything on stable media. */
export class UnsyncedBlocks {
  readonly #bits: Int32Array;
  /** Those of them that are being synced. */
  #syncing: Int32Array | undefined;

  constructor(segments: number) {
    this.#bits = new Int32Array(segments * SEGMENT_DIRTY_WORDS);
  }

  /** Adds blocks: bits as in the dirty bits of a memory of states. */
  add(word: number, bits: number): void {
    this.#bits[word] = (this.#bits[word] ?? 0) | bits;
  }

  addBlock(block: number): void {
    this.add(Math.floor(block / BLOCKS_PER_DIRTY_WORD), 1 << (block % BLOCKS_PER_DIRTY_WORD));
  }

  /** What is here now is about to be synced. */
  beginSync(): void {
    const syncing = this.#syncing ?? new Int32Array(this.#bits.length);
    this.#bits.forEach((bits, word) => {
      if (bits !== 0) syncing[word] = (syncing[word] ?? 0) | bits;
    });
    this.#bits.fill(0);
    this.#syncing = syncing;
  }

  /** What was here at the last {@link beginSync} is on stable media. */
  endSync(): void {
    this.#syncing = undefined;
  }

  /** The bits of one segment; nothing when none is set. */
  ofSegment(segment: number): Uint8Array {
    const words = new Int32Array(SEGMENT_DIRTY_WORDS);
    let any = 0;
    for (let word = 0; word < SEGMENT_DIRTY_WORDS; word++) {
      const bits = this.#word(segment * SEGMENT_DIRTY_WORDS + word);
      words[word] = bits;
      any |= bits;
    }
    return new Uint8Array(words.buffer, 0, any === 0 ? 0 : words.byteLength);
  }

  /** The objects of all blocks, as ranges of indices from `base` on. */
  ranges(base: number): readonly IndexRange[] {
    const ranges: { begin: number; end: number }[] = [];
    for (let word = 0; word < this.#bits.length; word++) {
      const bits = this.#word(word);
      for (let bit = 0; bits !== 0 && bit < BLOCKS_PER_DIRTY_WORD; bit++) {
        if (((bits >>> bit) & 1) === 0) continue;
        const begin = base + (word * BLOCKS_PER_DIRTY_WORD + bit) * BLOCK_OBJECTS;
        const last = ranges.at(-1);
        if (last?.end === begin) last.end += BLOCK_OBJECTS;
        else ranges.push({ begin, end: begin + BLOCK_OBJECTS });
      }
    }
    return ranges;
  }

  #word(word: number): number {
    return (this.#bits[word] ?? 0) | (this.#syncing?.[word] ?? 0);
  }
}

/** What a piece in a cache's file says of its blocks, in a memory for `segments` segments. */
export function readUnsynced(
  database: CacheDatabase,
  piece: StoredPiece,
  segments: number,
): UnsyncedBlocks {
  const blocks = new UnsyncedBlocks(segments);
  for (const { number, sequence, bits } of database.segments.unsynced(piece.id)) {
    if (sequence <= piece.syncedSequence || number >= segments) continue;
    bits.forEach((word, position) => {
      blocks.add(number * SEGMENT_DIRTY_WORDS + position, word);
    });
  }
  for (const { sequence, records } of database.logs.of(piece.id)) {
    if (sequence <= piece.syncedSequence || records === undefined) continue;
    for (const { block } of recordsOf(records)) blocks.addBlock(block);
  }
  return blocks;
}
