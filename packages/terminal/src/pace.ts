/** Samples are kept this far apart. */
const SAMPLE_MS = 1_000;
/** How far the rate looks back: far enough to be steady, near enough to follow a change. */
const WINDOW_MS = 30_000;

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

/** How fast work that counts up gets on: its rate in the last half minute, and how long the rest takes at that rate. */
export class Pace {
  readonly #samples: Sample[];

  /** @param beginMs when the work begins, on the clock that {@link add} is told the time of */
  constructor(beginMs = 0) {
    this.#samples = [{ atMs: beginMs, done: 0 }];
  }

  /** Takes note of how far the work is. */
  add(atMs: number, done: number): void {
    const newest = this.#samples.at(-1);
    if (newest !== undefined && atMs - newest.atMs < SAMPLE_MS) return;
    this.#samples.push({ atMs, done });
    while ((this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#samples.shift();
  }

  get perSecond(): number {
    const [oldest] = this.#samples;
    const newest = this.#samples.at(-1);
    if (oldest === undefined || newest === undefined || newest.atMs <= oldest.atMs) return 0;
    return ((newest.done - oldest.done) / (newest.atMs - oldest.atMs)) * 1000;
  }

  /** How long it takes until `total` is done, in ms; undefined while nothing gets on. */
  leftMs(total: number): number | undefined {
    const { perSecond } = this;
    const done = this.#samples.at(-1)?.done ?? 0;
    return perSecond > 0 ? (Math.max(0, total - done) / perSecond) * 1000 : undefined;
  }
}
