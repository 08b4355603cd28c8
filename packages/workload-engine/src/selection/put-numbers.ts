/**
 * The numbers at the end of the names that one thread puts for one entry of the mix, and up to where they can be read. They
 * count up; acknowledgements come out of order, so what others may read is everything below the first number that
 * is not acknowledged. The number of a PUT that failed is used again, so that it does not hold up all later ones; but not
 * after a cleanup stage, because the next looks for no object that has a number of before.
 */
export class PutNumbers {
  readonly #used: Float64Array;
  readonly #readable: Float64Array;
  readonly #gone: Float64Array;
  readonly #cell: number;
  readonly #unacknowledged = new Set<number>();
  readonly #failed: number[] = [];

  /**
   * @param used names used, and those of them that can be read, from the first on; this thread alone writes the
   *   cell in both
   * @param gone up to which of the names a cleanup stage was to delete them
   */
  constructor(used: Float64Array, readable: Float64Array, gone: Float64Array, cell: number) {
    this.#used = used;
    this.#readable = readable;
    this.#gone = gone;
    this.#cell = cell;
  }

  /** A number for the next PUT; {@link acknowledged} or {@link failed} must follow. */
  take(): number {
    const gone = this.#gone[this.#cell] ?? 0;
    for (let again = this.#failed.pop(); again !== undefined; again = this.#failed.pop()) {
      if (again >= gone) return again;
      // Nobody reads what is gone: it need not hold up what can be read.
      this.acknowledged(again);
    }
    const number = this.takeUnread();
    this.#unacknowledged.add(number);
    return number;
  }

  /** A number for a PUT whose object nobody will read; nothing need follow. */
  takeUnread(): number {
    const number = this.#used[this.#cell] ?? 0;
    this.#used[this.#cell] = number + 1;
    return number;
  }

  acknowledged(number: number): void {
    this.#unacknowledged.delete(number);
    let readable = this.#readable[this.#cell] ?? 0;
    if (readable !== number) return;
    const used = this.#used[this.#cell] ?? 0;
    do readable++;
    while (readable < used && !this.#unacknowledged.has(readable));
    this.#readable[this.#cell] = readable;
  }

  failed(number: number): void {
    this.#failed.push(number);
  }
}
