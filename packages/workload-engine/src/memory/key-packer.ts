import { BLOCK_KEYS, KeyList, type KeyListMemory, SEGMENT_SPAN } from './key-list.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** The first segment; each has twice the size of the one before, up to the largest. */
const FIRST_SEGMENT_BYTES = 64 * 1024;
const LARGEST_SEGMENT_BYTES = 16 * 1024 * 1024;
/** Bytes of a block's address. */
const ADDRESS_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** A character of a string takes at most so many bytes. */
const MOST_BYTES = 3;

/** Packs keys, in the order in which they come, so that every worker can use them without a copy of its own. */
export class KeyPacker {
  readonly #budget: MemoryBudget;
  readonly #segments: SharedArrayBuffer[] = [];
  #segment: Uint8Array = new Uint8Array();
  #used = 0;
  #blocks = new Float64Array(64);
  /** The block that is being filled. */
  #block = Buffer.alloc(16 * 1024);
  #blockBytes = 0;
  #key = Buffer.alloc(1024);
  #before = Buffer.alloc(1024);
  #beforeBytes = 0;
  #count = 0;
  #takenBytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws BenchError when the budget is used up */
  add(key: string): void {
    if (this.#key.length < key.length * MOST_BYTES) {
      this.#key = Buffer.alloc(key.length * MOST_BYTES * 2);
    }
    const length = this.#key.write(key);
    const begins = this.#count % BLOCK_KEYS === 0;
    if (begins && this.#count > 0) this.#endBlock();
    const shared = begins ? 0 : this.#sharedBytes(length);
    this.#put(shared, this.#key, length);
    [this.#key, this.#before] = [this.#before, this.#key];
    this.#beforeBytes = length;
    this.#count++;
  }

  /** What was packed; nothing can be added any more. */
  finish(): KeyListMemory {
    if (this.#blockBytes > 0) this.#endBlock();
    const last = this.#segments.pop();
    const segments = last === undefined ? [] : [...this.#segments, last.slice(0, this.#used)];
    const blocks = new SharedArrayBuffer(Math.ceil(this.#count / BLOCK_KEYS) * ADDRESS_BYTES);
    const addresses = new Float64Array(blocks);
    addresses.set(this.#blocks.subarray(0, addresses.length));
    return { count: this.#count, segments, blocks };
  }

  /** The keys, to be read once: what memory they took is given back. */
  *drain(): Generator<string> {
    yield* new KeyList(this.finish());
    this.#budget.give(this.#takenBytes);
    this.#takenBytes = 0;
  }

  #sharedBytes(length: number): number {
    const most = Math.min(length, this.#beforeBytes);
    let shared = 0;
    while (shared < most && this.#key[shared] === this.#before[shared]) shared++;
    return shared;
  }

  /** Appends a key to the block. */
  #put(shared: number, key: Buffer, length: number): void {
    const most = this.#blockBytes + length - shared + 2 * ADDRESS_BYTES;
    if (most > this.#block.length) this.#block = Buffer.concat([this.#block], 2 * most);
    this.#putNumber(shared);
    this.#putNumber(length - shared);
    this.#blockBytes += key.copy(this.#block, this.#blockBytes, shared, length);
  }

  #putNumber(number: number): void {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      this.#block[this.#blockBytes++] = 128 + (rest % 128);
    }
    this.#block[this.#blockBytes++] = rest;
  }

  #endBlock(): void {
    if (this.#used + this.#blockBytes > this.#segment.length) this.#addSegment(this.#blockBytes);
    const block = Math.ceil(this.#count / BLOCK_KEYS) - 1;
    if (block >= this.#blocks.length) this.#growBlocks();
    this.#blocks[block] = (this.#segments.length - 1) * SEGMENT_SPAN + this.#used;
    this.#segment.set(this.#block.subarray(0, this.#blockBytes), this.#used);
    this.#used += this.#blockBytes;
    this.#blockBytes = 0;
  }

  #addSegment(leastBytes: number): void {
    const twice = Math.max(FIRST_SEGMENT_BYTES, 2 * this.#segment.length);
    const bytes = Math.max(leastBytes, Math.min(twice, LARGEST_SEGMENT_BYTES));
    this.#take(bytes);
    const segment = new SharedArrayBuffer(bytes);
    this.#segments.push(segment);
    this.#segment = new Uint8Array(segment);
    this.#used = 0;
  }

  #growBlocks(): void {
    this.#take(this.#blocks.byteLength);
    const more = new Float64Array(2 * this.#blocks.length);
    more.set(this.#blocks);
    this.#blocks = more;
  }

  #take(bytes: number): void {
    this.#budget.take(bytes);
    this.#takenBytes += bytes;
  }
}
