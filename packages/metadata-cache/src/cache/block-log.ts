import { packBlocks, PACKED_BLOCK_WORDS, unpackBlocks } from '../states/packed-states.ts';
import { BLOCK_WORDS } from '../states/state-memory.ts';

/** Words of a record: the number of a block, then its packed states. */
const RECORD_WORDS = 1 + PACKED_BLOCK_WORDS;
/** A log value that has grown to this is written. */
const VALUE_RECORDS = 32_768;

/** Changed blocks that are to be written as one log value. */
export class BlockLog {
  readonly #records = new Int32Array(VALUE_RECORDS * RECORD_WORDS);
  #count = 0;

  get isFull(): boolean {
    return this.#count === VALUE_RECORDS;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Adds a block as it is now. */
  add(block: number, words: Int32Array): void {
    const record = this.#count * RECORD_WORDS;
    this.#records[record] = block;
    packBlocks(words, block * BLOCK_WORDS, 1, this.#records, record + 1);
    this.#count++;
  }

  /** The records so far, valid until the next is added; the log is empty after this. */
  take(): Uint8Array {
    const sizeBytes = this.#count * RECORD_WORDS * Int32Array.BYTES_PER_ELEMENT;
    this.#count = 0;
    return new Uint8Array(this.#records.buffer, 0, sizeBytes);
  }
}

/** Numbers of the blocks in a log value, with where their packed states begin. */
export function* recordsOf(records: Int32Array): Generator<{ block: number; position: number }> {
  for (let record = 0; record < records.length; record += RECORD_WORDS) {
    yield { block: records[record] ?? 0, position: record + 1 };
  }
}

/** Unpacks one record into the first block of `words`. */
export function unpackRecord(records: Int32Array, position: number, words: Int32Array): void {
  unpackBlocks(records, position, 1, words, 0);
}
