/** One question to another clock. The local times are of one clock, the remote one of the other. */
export interface ClockReading {
  readonly sentNs: number;
  readonly remoteNs: number;
  readonly receivedNs: number;
}

/** How another clock relates to the local one at an instant: remote = local + offset, give or take the error. */
export interface ClockOffset {
  readonly offsetNs: number;
  readonly errorNs: number;
}

/**
 * How fast two monotonic clocks may drift apart, in parts per million. Linux lets NTP make a clock faster or slower by up
 * to 500 (adjtimex(2), RFC 5905); the crystals themselves are within 100 of each other.
 */
export const DRIFT_ALLOWANCE_PPM = 500;

const DRIFT = DRIFT_ALLOWANCE_PPM / 1e6;
/** What is known is stale when more than this share of its error comes from its age. */
const STALE_SHARE = 0.25;

/**
 * What is known of the offset of another clock. The other clock was read somewhere between the sending of a question and
 * the arrival of its answer, so each reading bounds the offset on both sides, by half the round trip (Cristian 1989), and
 * the bounds move apart by what the clocks may have drifted since. What is kept is where the bounds of all readings meet,
 * however many there were: their shortest round trip decides while it is new.
 */
export class ClockTracker {
  /** Bounds of the offset at `#atNs`, the instant of the latest reading. */
  #lowNs = -Infinity;
  #highNs = Infinity;
  #atNs = 0;

  /** Whether the other clock has ever been read. */
  get isKnown(): boolean {
    return this.#highNs < Infinity;
  }

  /** Takes a reading that is not older than those before. */
  add({ receivedNs, remoteNs, sentNs }: ClockReading): void {
    const driftedNs = Math.abs(receivedNs - this.#atNs) * DRIFT;
    const lowNs = remoteNs - receivedNs;
    const highNs = remoteNs - sentNs + (receivedNs - sentNs) * DRIFT;
    this.#lowNs = Math.max(this.#lowNs - driftedNs, lowNs);
    this.#highNs = Math.min(this.#highNs + driftedNs, highNs);
    if (this.#lowNs > this.#highNs) {
      // No drift explains both: a clock has jumped, as when a virtual machine was halted. What was before counts no more.
      this.#lowNs = lowNs;
      this.#highNs = highNs;
    }
    this.#atNs = receivedNs;
  }

  /**
   * The offset at a local instant, before or after the latest reading.
   *
   * @returns an infinite error while the other clock has not been read
   */
  at(instantNs: number): ClockOffset {
    if (!this.isKnown) return { offsetNs: 0, errorNs: Infinity };
    return {
      offsetNs: (this.#lowNs + this.#highNs) / 2,
      errorNs: (this.#highNs - this.#lowNs) / 2 + this.#driftNs(instantNs),
    };
  }

  /**
   * Whether another reading is worth its while.
   *
   * @param goodErrorNs an error that needs no reading, whatever its age
   */
  isStale(instantNs: number, goodErrorNs: number): boolean {
    if (!this.isKnown) return true;
    const { errorNs } = this.at(instantNs);
    // On a long link the round trip decides: a new reading that takes as long says nothing new.
    return errorNs > goodErrorNs && this.#driftNs(instantNs) > errorNs * STALE_SHARE;
  }

  #driftNs(instantNs: number): number {
    return Math.abs(instantNs - this.#atNs) * DRIFT;
  }
}
