/** Claims are taken in pieces of at most this many items. */
const MAX_CHUNK = 256;
/** There should be about this many pieces for each claimant, so that all finish at about the same time. */
const CHUNKS_PER_CLAIMANT = 16;

/**
 * Deals the numbers 0 to `total` - 1 to several threads, each number to exactly one of them. A thread takes a
 * small range at a time from a word of shared memory and goes through it alone.
 */
export class ClaimCursor {
  readonly total: number;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #chunk: number;
  #next = 0;
  #end = 0;

  /**
   * @param words shared memory; word number `word` is 0 at the beginning
   * @param claimants how many operations take from the cursor at the same time, over all threads
   */
  constructor(words: Int32Array, word: number, total: number, claimants: number) {
    this.#words = words;
    this.#word = word;
    this.total = total;
    const even = Math.floor(total / (claimants * CHUNKS_PER_CLAIMANT));
    this.#chunk = Math.max(1, Math.min(MAX_CHUNK, even), Math.ceil(total / 2 ** 31));
  }

  /** A number that nobody else gets, or -1 when all are dealt. */
  next(): number {
    if (this.#next === this.#end) {
      const begin = Atomics.add(this.#words, this.#word, 1) * this.#chunk;
      if (begin >= this.total || begin < 0) {
        // Taken back, so that asking again and again does not wrap the word around.
        Atomics.sub(this.#words, this.#word, 1);
        return -1;
      }
      this.#next = begin;
      this.#end = Math.min(begin + this.#chunk, this.total);
    }
    return this.#next++;
  }
}
