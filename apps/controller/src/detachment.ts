/**
 * Whether this process may leave a run to its agents when its terminal is closed. They go on for `reconnect_grace`, and
 * another controller can take the run over.
 */
export class Detachment {
  #sayFarewell: (() => void) | undefined;

  /** @param sayFarewell says how to come back, wherever somebody may look for it */
  allow(sayFarewell: () => void): void {
    this.#sayFarewell = sayFarewell;
  }

  /** The run has ended, or would end with this process. */
  forbid(): void {
    this.#sayFarewell = undefined;
  }

  /** Says what there is to say on leaving; returns false where the run is to be ended instead. */
  leave(): boolean {
    this.#sayFarewell?.();
    return this.#sayFarewell !== undefined;
  }
}
