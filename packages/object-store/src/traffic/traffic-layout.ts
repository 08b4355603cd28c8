import { allocateCoarseLatencies, OPERATIONS } from '@sai3bench/stats';

/**
 * Shared memory of one worker about what goes over the wire, by endpoint. One thread writes, anyone reads.
 *
 *   counts        for each endpoint, 8 bytes aligned:
 *                   Float64  reconnects[1]
 *                            addressCounts[ADDRESSES][ADDRESS_FIELDS.length]
 *                            operationCounts[OPERATIONS.length][OPERATION_FIELDS.length]
 *                            regionAdopted[1]     1 when the server has named it
 *                   Uint8    region[64]
 *                            addressNames[ADDRESSES][64]    empty: the row is not in use
 *   connectTimes  a histogram for each endpoint, see CoarseLatencies
 *
 * Counts only grow. Texts become visible with their first byte, which is written last; only the region ever changes.
 */
export interface TrafficMemory {
  readonly counts: SharedArrayBuffer;
  readonly connectTimes: SharedArrayBuffer;
}

/** What is counted of each address of an endpoint. */
export const ADDRESS_FIELDS = [
  'requests',
  'failures',
  'connects',
  'connectErrors',
  'connectNs',
  'bytesSent',
  'bytesReceived',
] as const;

export type AddressField = (typeof ADDRESS_FIELDS)[number];

/** What is counted of each kind of operation at an endpoint. */
export const OPERATION_FIELDS = ['requests', 'bytesSent', 'bytesReceived'] as const;

export type OperationField = (typeof OPERATION_FIELDS)[number];

/** Addresses that are told apart at an endpoint; all beyond share the last row. */
export const ADDRESSES = 16;

const TEXT_BYTES = 64;
const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT;
const ROW_FLOATS = ADDRESS_FIELDS.length;
const OPERATION_FLOATS = OPERATION_FIELDS.length;
const FLOATS = 1 + ADDRESSES * ROW_FLOATS + OPERATIONS.length * OPERATION_FLOATS + 1;
const ENDPOINT_BYTES = FLOATS * FLOAT_BYTES + (1 + ADDRESSES) * TEXT_BYTES;

/** Memory for so many endpoints of a store, zeroed. */
export function allocateTraffic(endpointCount: number): TrafficMemory {
  return {
    counts: new SharedArrayBuffer(endpointCount * ENDPOINT_BYTES),
    connectTimes: allocateCoarseLatencies(endpointCount),
  };
}

/** Where the parts of an endpoint are: few views over all of the memory, because there may be a thousand endpoints. */
export class TrafficLayout {
  readonly length: number;
  readonly floats: Float64Array;
  readonly #texts: Uint8Array;

  constructor({ counts }: TrafficMemory) {
    this.length = counts.byteLength / ENDPOINT_BYTES;
    this.floats = new Float64Array(counts);
    this.#texts = new Uint8Array(counts);
  }

  /** Indexes in `floats`. */
  reconnects(endpoint: number): number {
    return (endpoint * ENDPOINT_BYTES) / FLOAT_BYTES;
  }

  addressRow(endpoint: number, row: number): number {
    return this.reconnects(endpoint) + 1 + row * ROW_FLOATS;
  }

  /** The counts of an operation, given by its index, begin here, in the order of {@link OPERATION_FIELDS}. */
  operationRow(endpoint: number, operation: number): number {
    return this.addressRow(endpoint, ADDRESSES) + operation * OPERATION_FLOATS;
  }

  regionAdopted(endpoint: number): number {
    return this.operationRow(endpoint, OPERATIONS.length);
  }

  /** The counts of an address, in the order of {@link ADDRESS_FIELDS}. */
  addressCounts(endpoint: number, row: number): Float64Array {
    const from = this.addressRow(endpoint, row);
    return this.floats.subarray(from, from + ROW_FLOATS);
  }

  region(endpoint: number): string {
    return this.#text(endpoint, 0);
  }

  setRegion(endpoint: number, region: string): void {
    this.#write(endpoint, 0, region);
  }

  /** Empty when the row is not in use. */
  addressName(endpoint: number, row: number): string {
    return this.#text(endpoint, 1 + row);
  }

  setAddressName(endpoint: number, row: number, name: string): void {
    this.#write(endpoint, 1 + row, name);
  }

  #textStart(endpoint: number, text: number): number {
    return endpoint * ENDPOINT_BYTES + FLOATS * FLOAT_BYTES + text * TEXT_BYTES;
  }

  #text(endpoint: number, text: number): string {
    const start = this.#textStart(endpoint, text);
    let end = start;
    while (end < start + TEXT_BYTES && this.#texts[end] !== 0) end++;
    return String.fromCharCode(...this.#texts.subarray(start, end));
  }

  #write(endpoint: number, text: number, value: string): void {
    const start = this.#textStart(endpoint, text);
    const length = Math.min(value.length, TEXT_BYTES - 1);
    this.#texts[start] = 0;
    this.#texts[start + length] = 0;
    for (let i = length - 1; i >= 0; i--) this.#texts[start + i] = value.charCodeAt(i);
  }
}
