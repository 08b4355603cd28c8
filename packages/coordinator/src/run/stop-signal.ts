/** Why a run is to end early. */
export type StopReason = 'interrupted' | 'terminated';

/** A request to end the run, which comes at most once. */
export class StopSignal {
  readonly #listeners = new Set<(reason: StopReason) => void>();
  #reason: StopReason | undefined;
  #sentence: string | undefined;

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Who or what has asked for the end, as a sentence without its full stop; undefined before. */
  get sentence(): string | undefined {
    return this.#sentence;
  }

  /**
   * Asks for the end; later requests change nothing.
   *
   * @param sentence tells who or what does, without a full stop
   */
  request(reason: StopReason, sentence = `The run was ${reason} by the user`): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#sentence = sentence;
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
