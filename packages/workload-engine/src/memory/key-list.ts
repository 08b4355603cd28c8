/** Keys that are found by going through a few others: more take less memory and more time. */
export const BLOCK_KEYS = 16;
/** Above this, and above any memory, a block address is the number of its segment; below, the place in it. */
export const SEGMENT_SPAN = 2 ** 32;

/**
 * Keys in memory that threads share, in blocks: of each key, how many bytes it shares with the one before it in its block, how many
 * others it has, and these. Both numbers have 7 bits in each byte, the lowest first, and the highest bit where more follow.
 */
export interface KeyListMemory {
  readonly count: number;
  /** Blocks, one after the other; none goes over the end of its segment. */
  readonly segments: readonly SharedArrayBuffer[];
  /** Where each block begins, as numbers of 8 bytes; see {@link SEGMENT_SPAN}. */
  readonly blocks: SharedArrayBuffer;
}

/** The reading side of a `KeyPacker`. */
export class KeyList {
  readonly count: number;
  readonly #segments: readonly Buffer[];
  readonly #blocks: Float64Array;
  /** The key that was read last. */
  #key = Buffer.alloc(1024);
  /** Where the next number or key is read. */
  #at = 0;

  constructor({ blocks, count, segments }: KeyListMemory) {
    this.count = count;
    this.#segments = segments.map((segment) => Buffer.from(segment));
    this.#blocks = new Float64Array(blocks);
  }

  /** Key number `index`, 0 to `count` - 1. */
  keyAt(index: number): string {
    const segment = this.#enter(Math.floor(index / BLOCK_KEYS));
    let length = 0;
    for (let step = index % BLOCK_KEYS; step >= 0; step--) length = this.#read(segment);
    return this.#key.toString('utf8', 0, length);
  }

  /** All keys, in order. */
  *[Symbol.iterator](): Generator<string> {
    let segment: Buffer = Buffer.alloc(0);
    let at = 0;
    for (let index = 0; index < this.count; index++) {
      if (index % BLOCK_KEYS === 0) segment = this.#enter(index / BLOCK_KEYS);
      else this.#at = at;
      const length = this.#read(segment);
      at = this.#at;
      yield this.#key.toString('utf8', 0, length);
    }
  }

  #enter(block: number): Buffer {
    const address = this.#blocks[block] ?? 0;
    const segment = Math.floor(address / SEGMENT_SPAN);
    this.#at = address - segment * SEGMENT_SPAN;
    return this.#segments[segment] ?? Buffer.alloc(0);
  }

  /** Reads the next key of a block; returns its length in bytes. */
  #read(segment: Buffer): number {
    const shared = this.#number(segment);
    const others = this.#number(segment);
    const length = shared + others;
    if (length > this.#key.length) {
      this.#key = Buffer.concat([this.#key], 2 * length);
    }
    segment.copy(this.#key, shared, this.#at, this.#at + others);
    this.#at += others;
    return length;
  }

  #number(segment: Buffer): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = segment[this.#at++] ?? 0;
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
  }
}
