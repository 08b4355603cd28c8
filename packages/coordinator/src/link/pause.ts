/** Waiting that can be ended early. */
export class Pause {
  #wake: (() => void) | undefined;
  #isEnded = false;

  get isEnded(): boolean {
    return this.#isEnded;
  }

  async wait(durationMs: number): Promise<void> {
    if (this.#isEnded) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits no longer, now and later. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }
}
