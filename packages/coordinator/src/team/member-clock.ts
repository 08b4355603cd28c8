import { type ClockOffset, type ClockReading, ClockTracker } from '@sai3bench/barrier-protocol';

/** One reading of both clocks of an agent. */
export interface AgentClockReading extends ClockReading {
  /** Its time of day when its monotonic clock showed `remoteNs`, microseconds since 1970. */
  readonly remoteUnixUs: number;
}

/** The clocks of one agent, as far as they are known. Its time of day runs with its monotonic clock. */
export class MemberClock {
  readonly #monotonic = new ClockTracker();
  /** From its monotonic clock to its time of day. */
  #unixAheadUs = 0;

  add(reading: AgentClockReading): void {
    this.#monotonic.add(reading);
    this.#unixAheadUs = reading.remoteUnixUs - reading.remoteNs / 1000;
  }

  /** Whether it has ever been read. */
  get isKnown(): boolean {
    return this.#monotonic.isKnown;
  }

  /** How its monotonic clock relates to ours at an instant of ours. */
  at(instantNs: number): ClockOffset {
    return this.#monotonic.at(instantNs);
  }

  /** Whether another reading is worth its while; see {@link ClockTracker.isStale}. */
  isStale(instantNs: number, goodErrorNs: number): boolean {
    return this.#monotonic.isStale(instantNs, goodErrorNs);
  }

  /** The instant of our monotonic clock at which the agent's clock showed a time of day; undefined while it is not known. */
  instantOfUnix(unixUs: number, nowNs: number): number | undefined {
    if (!this.isKnown) return undefined;
    return (unixUs - this.#unixAheadUs) * 1000 - this.#monotonic.at(nowNs).offsetNs;
  }
}
