const WORDS = {
  /** Operations that are put off now. */
  waiting: 0,
  /** Those that were put off since the last success of any thread. */
  inRow: 1,
} as const;
const WORD_COUNT = Object.keys(WORDS).length;

/** 64-bit cells: when the first and the latest of the row were put off, in ns. */
const FIRST_NS = 0;
const LATEST_NS = 1;
const CELL_COUNT = 2;

const WORDS_BYTES = WORD_COUNT * Int32Array.BYTES_PER_ELEMENT;

/** Memory in which nothing is put off. */
export function allocatePutOffs(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS_BYTES + CELL_COUNT * BigInt64Array.BYTES_PER_ELEMENT);
}

/** How long nothing but failures that were put off has been going on. */
export interface PutOffRow {
  /** Operations that were put off since the last success of any thread. */
  readonly count: number;
  /** From the first to the latest of them. */
  readonly lastedMs: number;
}

/** Counts the operations that the threads of an agent put off in one stage, and those that are put off still. */
export class PutOffs {
  readonly #words: Int32Array;
  readonly #cells: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, WORD_COUNT);
    this.#cells = new BigInt64Array(memory, WORDS_BYTES);
  }

  /** Notes that an operation has succeeded: the row ends. */
  succeeded(): void {
    if (Atomics.load(this.#words, WORDS.inRow) !== 0) Atomics.store(this.#words, WORDS.inRow, 0);
  }

  /** @param nowNs a clock that all threads share */
  putOff(nowNs: number): void {
    const now = BigInt(Math.round(nowNs));
    Atomics.add(this.#words, WORDS.waiting, 1);
    // Those who read this see the new time before they see the row that begins then.
    if (Atomics.load(this.#words, WORDS.inRow) === 0) Atomics.store(this.#cells, FIRST_NS, now);
    Atomics.store(this.#cells, LATEST_NS, now);
    Atomics.add(this.#words, WORDS.inRow, 1);
  }

  /** Notes that operations that were put off are begun again, or given up. */
  takenUp(count = 1): void {
    Atomics.sub(this.#words, WORDS.waiting, count);
  }

  /** Operations that are put off now. */
  get waiting(): number {
    return Atomics.load(this.#words, WORDS.waiting);
  }

  get row(): PutOffRow {
    const count = Atomics.load(this.#words, WORDS.inRow);
    const lastedNs = Atomics.load(this.#cells, LATEST_NS) - Atomics.load(this.#cells, FIRST_NS);
    return { count, lastedMs: count === 0 ? 0 : Math.max(0, Number(lastedNs) / 1e6) };
  }
}
