const WORDS = {
  /** Failures since the last success. */
  inRow: 0,
  mostInRow: 1,
  /** 1 once nothing new is to begin. */
  exceeded: 2,
  pauses: 3,
} as const;
const WORD_COUNT = Object.keys(WORDS).length;

/** 64-bit cells: all failures, the time of all pauses in µs, then the buckets of the window. */
const TOTAL = 0;
const PAUSED_US = 1;
const FIRST_BUCKET = 2;
/** Pieces that the window of the rate is divided into: it moves on by one of them at a time. */
const BUCKETS = 16;
/** A bucket holds which piece of time it is about, and below that the failures in it. */
const COUNT_BITS = 24n;
const COUNT_MASK = (1n << COUNT_BITS) - 1n;

const WORDS_BYTES = WORD_COUNT * Int32Array.BYTES_PER_ELEMENT;

/** Memory in which nothing has failed. */
export function allocateErrorTally(): SharedArrayBuffer {
  return new SharedArrayBuffer(
    WORDS_BYTES + (FIRST_BUCKET + BUCKETS) * BigInt64Array.BYTES_PER_ELEMENT,
  );
}

/** How much has failed, when a failure has been counted. */
export interface ErrorCounts {
  readonly total: number;
  /** Since the last success of any thread. */
  readonly inRow: number;
  /** In the window that ends now. */
  readonly inWindow: number;
}

/**
 * Counts the failed operations that the threads of an agent have in common in one stage. Counting one takes far longer than
 * telling of a success, which is what nearly all operations do.
 */
export class ErrorTally {
  readonly #words: Int32Array;
  readonly #cells: BigInt64Array;
  readonly #bucketNs: number;

  /** @param windowMs over which failures are counted for their rate, more than 0 */
  constructor(memory: SharedArrayBuffer, windowMs: number) {
    this.#words = new Int32Array(memory, 0, WORD_COUNT);
    this.#cells = new BigInt64Array(memory, WORDS_BYTES);
    this.#bucketNs = (windowMs * 1e6) / BUCKETS;
  }

  succeeded(): void {
    if (Atomics.load(this.#words, WORDS.inRow) !== 0) Atomics.store(this.#words, WORDS.inRow, 0);
  }

  /** @param nowNs a clock that all threads share */
  failed(nowNs: number): ErrorCounts {
    Atomics.add(this.#cells, TOTAL, 1n);
    return this.putOff(nowNs);
  }

  /**
   * Counts a failure that may yet be made good: in the row and for the rate, but not among all.
   *
   * @param nowNs a clock that all threads share
   */
  putOff(nowNs: number): ErrorCounts {
    const inRow = Atomics.add(this.#words, WORDS.inRow, 1) + 1;
    this.#raiseMost(inRow);
    return { total: this.total, inRow, inWindow: this.#countInWindow(nowNs) };
  }

  /** Notes a pause that a failure was followed by. */
  paused(pauseMs: number): void {
    Atomics.add(this.#words, WORDS.pauses, 1);
    Atomics.add(this.#cells, PAUSED_US, BigInt(Math.round(pauseMs * 1000)));
  }

  /** Says to all threads that nothing new is to begin. */
  exceed(): void {
    Atomics.store(this.#words, WORDS.exceeded, 1);
  }

  get isExceeded(): boolean {
    return Atomics.load(this.#words, WORDS.exceeded) === 1;
  }

  get total(): number {
    return Number(Atomics.load(this.#cells, TOTAL));
  }

  /** The most failures that there were between two successes. */
  get mostInRow(): number {
    return Atomics.load(this.#words, WORDS.mostInRow);
  }

  get pauses(): number {
    return Atomics.load(this.#words, WORDS.pauses);
  }

  /** Of all threads together. */
  get pausedMs(): number {
    return Number(Atomics.load(this.#cells, PAUSED_US)) / 1000;
  }

  #raiseMost(inRow: number): void {
    let most = Atomics.load(this.#words, WORDS.mostInRow);
    while (inRow > most) {
      const found = Atomics.compareExchange(this.#words, WORDS.mostInRow, most, inRow);
      if (found === most) return;
      most = found;
    }
  }

  #countInWindow(nowNs: number): number {
    const piece = BigInt(Math.floor(nowNs / this.#bucketNs));
    this.#countIn(piece);
    let count = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const held = Atomics.load(this.#cells, FIRST_BUCKET + bucket);
      const age = piece - (held >> COUNT_BITS);
      if (age < BUCKETS) count += Number(held & COUNT_MASK);
    }
    return count;
  }

  #countIn(piece: bigint): void {
    const cell = FIRST_BUCKET + Number(piece % BigInt(BUCKETS));
    for (;;) {
      const held = Atomics.load(this.#cells, cell);
      const heldPiece = held >> COUNT_BITS;
      // Another thread may be a piece of time ahead, or have counted all that can be.
      if (heldPiece > piece || (held & COUNT_MASK) === COUNT_MASK) return;
      const next = heldPiece === piece ? held + 1n : (piece << COUNT_BITS) | 1n;
      if (Atomics.compareExchange(this.#cells, cell, held, next) === held) return;
    }
  }
}
