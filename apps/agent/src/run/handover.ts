/** Calls `act` once after some time; the returned function calls it off. */
export type Delay = (act: () => void, afterMs: number) => () => void;

/** Which results were sent to the controller and not yet acknowledged: those it may not have. */
export class Handover {
  readonly #delay: Delay;
  readonly #outstanding = new Set<number>();
  #linkOpen = true;
  #wake: () => void = () => undefined;

  constructor(delay: Delay) {
    this.#delay = delay;
  }

  get isDone(): boolean {
    return this.#outstanding.size === 0;
  }

  /** Notes results that were sent with this sequence number. */
  sent(sequence: number): void {
    this.#outstanding.add(sequence);
  }

  /** Notes that the controller has everything up to a sequence number; returns what it has now and had not before. */
  acknowledge(sequence: number): readonly number[] {
    const taken = [...this.#outstanding].filter((outstanding) => outstanding <= sequence);
    for (const each of taken) this.#outstanding.delete(each);
    if (this.isDone) this.#wake();
    return taken;
  }

  /** Notes that acknowledgements can arrive again. */
  linkOpened(): void {
    this.#linkOpen = true;
  }

  /** Notes that nothing can arrive for now. */
  linkLost(): void {
    this.#linkOpen = false;
    this.#wake();
  }

  /** Resolves when everything is acknowledged, when nothing can arrive, or when the time is up. */
  async settle(limitMs: number): Promise<void> {
    if (this.isDone || !this.#linkOpen) return;
    await new Promise<void>((resolve) => {
      const callOff = this.#delay(resolve, limitMs);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }
}
