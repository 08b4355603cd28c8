import { hash } from 'node:crypto';

/** Tells blocks of bytes apart by 64 bits of their hash, which is all that is kept of them. */
export class DistinctBlocks {
  readonly #hashes: BigUint64Array;
  #count = 0;

  constructor(capacity: number) {
    this.#hashes = new BigUint64Array(capacity);
  }

  add(block: Uint8Array): void {
    this.#hashes[this.#count++] = hash('sha1', block, 'buffer').readBigUInt64LE();
  }

  /** How many were added. */
  get total(): number {
    return this.#count;
  }

  /** How many different ones were added. */
  distinct(): number {
    const sorted = this.#hashes.subarray(0, this.#count).sort();
    let distinct = 0;
    for (let n = 0; n < sorted.length; n++) if (sorted[n] !== sorted[n - 1]) distinct++;
    return distinct;
  }
}
