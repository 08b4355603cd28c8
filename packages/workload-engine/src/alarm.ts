/** The longest wait, in ms, that a timer of the system takes: it takes a longer one for none at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Rings once at an instant of a monotonic clock, however far away; never before it. */
export class Alarm {
  readonly #atNs: number;
  readonly #nowNs: () => number;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(atNs: number, nowNs: () => number, ring: () => void) {
    this.#atNs = atNs;
    this.#nowNs = nowNs;
    this.#ring = ring;
    this.#set();
  }

  /** Keeps it from ringing. */
  off(): void {
    clearTimeout(this.#timer);
  }

  #set(): void {
    const leftMs = (this.#atNs - this.#nowNs()) / 1e6;
    this.#timer = setTimeout(
      () => {
        if (this.#nowNs() < this.#atNs) this.#set();
        else this.#ring();
      },
      Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS),
    );
  }
}
