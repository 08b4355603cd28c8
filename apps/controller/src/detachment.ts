/**
 * Whether this process may leave a run to its agents when its terminal is closed. They go on for `reconnect_grace`, and
 * another controller can take the run over.
 */
export class Detachment {
  #sayFarewell: (() => void) | undefined;
  #sayEndedAtOnce: (() => void) | undefined;

  /** @param say what is to be said, wherever somebody may look for it, where a second Ctrl-C ends this process */
  whenEndedAtOnce(say: () => void): void {
    this.#sayEndedAtOnce = say;
  }

  /** Says what there is to say on ending at once; returns false where nobody has said what that is. */
  endAtOnce(): boolean {
    this.#sayEndedAtOnce?.();
    return this.#sayEndedAtOnce !== undefined;
  }

  /** @param sayFarewell says how to come back, wherever somebody may look for it */
  allow(sayFarewell: () => void): void {
    this.#sayFarewell = sayFarewell;
  }

  /** The run has ended, or would end with this process. */
  forbid(): void {
    this.#sayFarewell = undefined;
    this.#sayEndedAtOnce = undefined;
  }

  /** Says what there is to say on leaving; returns false where the run is to be ended instead. */
  leave(): boolean {
    this.#sayFarewell?.();
    return this.#sayFarewell !== undefined;
  }
}
