import { CoarseLatencies } from '@sai3bench/stats';
import { ADDRESSES, TrafficLayout, type TrafficMemory } from './traffic-layout.ts';

/** What stands for the addresses that have no row of their own. */
const OTHERS = 'others';

/** Counts what a store sends and receives: the writing side of one endpoint. */
export class TrafficCounter {
  readonly #layout: TrafficLayout;
  readonly #connectTimes: CoarseLatencies;
  readonly #endpoint: number;
  #rows = 0;

  constructor(memory: TrafficMemory, endpoint: number) {
    this.#layout = new TrafficLayout(memory);
    this.#connectTimes = new CoarseLatencies(memory.connectTimes);
    this.#endpoint = endpoint;
  }

  /** The counts of another address, in the order of `ADDRESS_FIELDS`. */
  addAddress(host: string): Float64Array {
    const row = Math.min(this.#rows++, ADDRESSES - 1);
    this.#layout.setAddressName(this.#endpoint, row, row === ADDRESSES - 1 ? OTHERS : host);
    return this.#layout.addressCounts(this.#endpoint, row);
  }

  /** A connection was made. */
  connected(connectNs: number): void {
    this.#connectTimes.record(this.#endpoint, connectNs);
  }

  /** A request goes over another connection, because the server had closed the one that it was given. */
  reconnected(): void {
    const { floats } = this.#layout;
    const at = this.#layout.reconnects(this.#endpoint);
    floats[at] = (floats[at] ?? 0) + 1;
  }

  /**
   * Says for which region requests are signed.
   *
   * @param adopted whether the server has named it, in place of what was configured
   */
  signsFor(region: string, adopted: boolean): void {
    this.#layout.setRegion(this.#endpoint, region);
    this.#layout.floats[this.#layout.regionAdopted(this.#endpoint)] = adopted ? 1 : 0;
  }
}
