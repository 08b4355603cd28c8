/** Lets only so many things go on at once. */
export class Permits {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count how many may go on at once, at least 1 */
  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a permit: at once where this returns undefined, otherwise when the promise is fulfilled. */
  take(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Gives a permit back, to who has waited longest. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
