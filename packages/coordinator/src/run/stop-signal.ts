/** Why a run is to end early. */
export type StopReason = 'interrupted' | 'terminated';

/** A request to end the run, which comes at most once. */
export class StopSignal {
  readonly #listeners = new Set<(reason: StopReason) => void>();
  #reason: StopReason | undefined;

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Asks for the end; later requests change nothing. */
  request(reason: StopReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener(reason);
  }

  /** Calls `listener` when the end is asked for, at once when it already was; returns a way to unsubscribe. */
  onRequest(listener: (reason: StopReason) => void): () => void {
    if (this.#reason !== undefined) listener(this.#reason);
    else this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Waits for work, but not after the end was asked for: then undefined. */
  async race<Result>(work: Promise<Result>): Promise<Result | undefined> {
    let unsubscribe = (): void => undefined;
    const requested = new Promise<undefined>((resolve) => {
      unsubscribe = this.onRequest(() => {
        resolve(undefined);
      });
    });
    try {
      return await Promise.race([work, requested]);
    } finally {
      unsubscribe();
    }
  }
}
