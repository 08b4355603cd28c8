/** Keys in memory that threads share: their bytes one after the other, and where each begins. */
export interface KeyListMemory {
  readonly bytes: SharedArrayBuffer;
  /** Offsets of the keys, and one more for the end. */
  readonly offsets: SharedArrayBuffer;
}

/** Packs keys so that every worker can use them without a copy of its own. */
export function packKeys(keys: readonly string[]): KeyListMemory {
  const encoded = keys.map((key) => Buffer.from(key));
  const total = encoded.reduce((sum, { length }) => sum + length, 0);
  const bytes = new SharedArrayBuffer(total);
  const offsets = new SharedArrayBuffer((keys.length + 1) * Float64Array.BYTES_PER_ELEMENT);
  const target = new Uint8Array(bytes);
  const starts = new Float64Array(offsets);
  let offset = 0;
  for (const [index, key] of encoded.entries()) {
    starts[index] = offset;
    target.set(key, offset);
    offset += key.length;
  }
  starts[keys.length] = offset;
  return { bytes, offsets };
}

/** The reading side of {@link packKeys}. */
export class KeyList {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #offsets: Float64Array;

  constructor(memory: KeyListMemory) {
    this.#bytes = Buffer.from(memory.bytes);
    this.#offsets = new Float64Array(memory.offsets);
    this.count = this.#offsets.length - 1;
  }

  keyAt(index: number): string {
    return this.#bytes.toString('utf8', this.#offsets[index], this.#offsets[index + 1]);
  }
}
