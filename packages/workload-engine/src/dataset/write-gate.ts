/**
 * Lets what is known of objects be written down, but not while it is being found out whether that still holds: until
 * then it is in doubt, and a process that ends meanwhile must leave it as it was.
 */
export class WriteGate {
  readonly #isInDoubt: () => boolean;
  readonly #writing = new Set<Promise<unknown>>();
  #isShut = false;

  /** @param isInDoubt whether something is in doubt, also when nobody is finding out about it */
  constructor(isInDoubt: () => boolean) {
    this.#isInDoubt = isInDoubt;
  }

  /** Whether nothing may be written down. */
  get isShut(): boolean {
    return this.#isShut || this.#isInDoubt();
  }

  /** Writes something down; `instead` when nothing may be. */
  async write<Result>(instead: Result, work: () => Promise<Result>): Promise<Result> {
    if (this.isShut) return instead;
    const writing = work();
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /** Does something while nothing is written down; begins when what is being written is. */
  async shut<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#isShut = true;
    try {
      await Promise.allSettled(this.#writing);
      return await work();
    } finally {
      this.#isShut = false;
    }
  }
}
