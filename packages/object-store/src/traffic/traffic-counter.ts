import { CoarseLatencies } from '@sai3bench/stats';
import {
  ADDRESSES,
  OPERATION_FIELDS,
  TrafficLayout,
  type TrafficMemory,
} from './traffic-layout.ts';

const REQUESTS = OPERATION_FIELDS.indexOf('requests');
const SENT = OPERATION_FIELDS.indexOf('bytesSent');
const RECEIVED = OPERATION_FIELDS.indexOf('bytesReceived');

/** What stands for the addresses that have no row of their own. */
const OTHERS = 'others';

/** Counts what a store sends and receives: the writing side of one endpoint. */
export class TrafficCounter {
  readonly #layout: TrafficLayout;
  readonly #connectTimes: CoarseLatencies;
  readonly #endpoint: number;
  readonly #firstOperationRow: number;
  #rows = 0;

  constructor(memory: TrafficMemory, endpoint: number) {
    this.#layout = new TrafficLayout(memory);
    this.#connectTimes = new CoarseLatencies(memory.connectTimes);
    this.#endpoint = endpoint;
    this.#firstOperationRow = this.#layout.operationRow(endpoint, 0);
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

  /** A request was begun for an operation, which is given by its index in `OPERATIONS`. */
  requested(operation: number): void {
    this.#add(operation, REQUESTS, 1);
  }

  /** Bytes of the request of an operation were handed to a connection. */
  sent(operation: number, bytes: number): void {
    this.#add(operation, SENT, bytes);
  }

  /** Bytes of the answer to an operation came from a connection. */
  received(operation: number, bytes: number): void {
    this.#add(operation, RECEIVED, bytes);
  }

  #add(operation: number, field: number, amount: number): void {
    const { floats } = this.#layout;
    const at = this.#firstOperationRow + operation * OPERATION_FIELDS.length + field;
    floats[at] = (floats[at] ?? 0) + amount;
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
