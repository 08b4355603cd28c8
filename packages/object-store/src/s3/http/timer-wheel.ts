/** Something that has a deadline now and then. */
export interface Timed {
  /** Used by the wheel alone: the tick of the pending visit, 0 when there is none. */
  visitTick: number;
  /** Called when the visit is due; returns the tick of the next one, or 0 for none. */
  onVisit(tick: number): number;
}

/** Precision of every time-out. */
export const TICK_MS = 20;
const SLOTS = 512;
/** Ticks caught up with at once: when this thread stood still, the time is not held against the server. */
const MAX_CATCH_UP = 5;

/**
 * All deadlines of a thread by one timer: a ring of slots, one per tick; a deadline further away than the ring is long
 * goes round more than once.
 *
 *     slots   [ ][ ][a,c][ ][b][ ] … [ ]
 *                     ^ tick
 *
 * Moving a deadline costs nothing: who has one stays where it is, and says at its visit when the next visit is due.
 */
export class TimerWheel {
  /** Now, in ticks. Never 0. */
  tick = 1;
  readonly #nowMs: () => number;
  readonly #slots: Timed[][] = Array.from({ length: SLOTS }, () => []);
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;
  #turnedAtMs = 0;
  #spare: Timed[] = [];

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Turns until all who hold it have let go; returns what lets go. */
  hold(): () => void {
    if (this.#holders++ === 0) this.#start();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (--this.#holders === 0) this.#stop();
    };
  }

  #start(): void {
    this.#turnedAtMs = this.#nowMs();
    this.#timer = setInterval(() => this.turn(), TICK_MS);
    this.#timer.unref();
  }

  /** Whoever still waits for a visit is of no use any more, and must not be kept in memory. */
  #stop(): void {
    clearInterval(this.#timer);
    for (const slot of this.#slots) {
      for (const timed of slot) timed.visitTick = 0;
      slot.length = 0;
    }
  }

  /** Ticks that a time takes, at least one. */
  static ticks(ms: number): number {
    return Math.max(1, Math.ceil(ms / TICK_MS));
  }

  /** Asks for a visit, unless one is pending. */
  arm(timed: Timed, tick: number): void {
    if (timed.visitTick !== 0) return;
    timed.visitTick = Math.max(tick, this.tick + 1);
    this.#slots[timed.visitTick % SLOTS]?.push(timed);
  }

  /** Visits everyone who is due. */
  turn(): void {
    const now = this.#nowMs();
    const passed = Math.floor((now - this.#turnedAtMs) / TICK_MS);
    this.#turnedAtMs += passed * TICK_MS;
    for (let i = Math.min(passed, MAX_CATCH_UP); i > 0; i--) this.#visit(++this.tick);
  }

  #visit(tick: number): void {
    const due = this.#slots[tick % SLOTS];
    if (due === undefined || due.length === 0) return;
    this.#slots[tick % SLOTS] = this.#spare;
    for (const timed of due) {
      if (timed.visitTick > tick) {
        this.#slots[tick % SLOTS]?.push(timed);
        continue;
      }
      timed.visitTick = 0;
      const next = timed.onVisit(tick);
      if (next > 0) this.arm(timed, next);
    }
    due.length = 0;
    this.#spare = due;
  }
}

let ofThread: TimerWheel | undefined;

/** The wheel that all stores of this thread share: a thousand endpoints need no thousand timers. */
export function threadTimerWheel(): TimerWheel {
  return (ofThread ??= new TimerWheel());
}
