import type { Slot } from './slot.ts';

interface Pause {
  readonly timer: NodeJS.Timeout;
  readonly goOn: () => void;
}

/** Slots that do nothing for a while. */
export class SlotPauses {
  readonly #pauses = new Map<Slot, Pause>();

  /** Lets a slot wait, and then go on. */
  pause(slot: Slot, pauseMs: number, goOn: () => void): void {
    slot.pending = true;
    const timer = setTimeout(() => {
      this.#wake(slot);
    }, pauseMs);
    this.#pauses.set(slot, { timer, goOn });
  }

  /** Lets all go on at once. */
  end(): void {
    for (const slot of [...this.#pauses.keys()]) this.#wake(slot);
  }

  #wake(slot: Slot): void {
    const pause = this.#pauses.get(slot);
    if (pause === undefined) return;
    clearTimeout(pause.timer);
    this.#pauses.delete(slot);
    slot.pending = false;
    pause.goOn();
  }
}
