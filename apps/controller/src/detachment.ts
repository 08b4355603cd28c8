/**
 * Whether this process may leave a run to its agents when its terminal is closed. They go on for `reconnect_grace`, and
 * another controller can take the run over.
 */
export class Detachment {
  #farewell: (() => string) | undefined;

  /** @param farewell says how to come back */
  allow(farewell: () => string): void {
    this.#farewell = farewell;
  }

  /** The run has ended, or would end with this process. */
  forbid(): void {
    this.#farewell = undefined;
  }

  /** What to say on leaving; undefined where the run is to be ended instead. */
  get farewell(): string | undefined {
    return this.#farewell?.();
  }
}
