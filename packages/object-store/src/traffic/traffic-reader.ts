import { CoarseLatencyReader, LatencyHistogram } from '@sai3bench/stats';
import {
  ADDRESS_FIELDS,
  ADDRESSES,
  type AddressField,
  TrafficLayout,
  type TrafficMemory,
} from './traffic-layout.ts';

/** What went over one address of an endpoint. */
export type AddressTraffic = { readonly address: string } & Readonly<Record<AddressField, number>>;

/** What went over the wire to and from an endpoint. */
export interface EndpointTraffic {
  /** Without an entry where nothing is counted: of files, and through the SDK. */
  readonly addresses: readonly AddressTraffic[];
  readonly reconnects: number;
  /** How long it took to make each connection. */
  readonly connectTimes: LatencyHistogram;
  /** For which requests are signed; empty where they are not. */
  readonly region: string;
  /** The server has named this region, in place of what was configured. */
  readonly regionAdopted: boolean;
}

/** Reads what a worker's stores count, while they work or hang. */
export class TrafficReader {
  readonly #layout: TrafficLayout;
  readonly #seen: Float64Array;
  readonly #connectTimes: CoarseLatencyReader;

  constructor(memory: TrafficMemory) {
    this.#layout = new TrafficLayout(memory);
    this.#seen = new Float64Array(this.#layout.floats.length);
    this.#connectTimes = new CoarseLatencyReader(memory.connectTimes);
  }

  /** What went over the wire since the last call, by endpoint. */
  takeDelta(): EndpointTraffic[] {
    return Array.from({ length: this.#layout.length }, (_, endpoint) =>
      this.#endpointDelta(endpoint),
    );
  }

  #endpointDelta(endpoint: number): EndpointTraffic {
    const layout = this.#layout;
    const addresses: AddressTraffic[] = [];
    for (let row = 0; row < ADDRESSES; row++) {
      const address = layout.addressName(endpoint, row);
      if (address === '') break;
      addresses.push({ address, ...this.#addressDelta(layout.addressRow(endpoint, row)) });
    }
    const connected = addresses.some(({ connects }) => connects > 0);
    return {
      addresses,
      reconnects: this.#advance(layout.reconnects(endpoint)),
      // A histogram that nothing was added to need not be looked through.
      connectTimes: connected ? this.#connectTimes.takeDelta(endpoint) : new LatencyHistogram(),
      region: layout.region(endpoint),
      regionAdopted: layout.floats[layout.regionAdopted(endpoint)] === 1,
    };
  }

  #addressDelta(row: number): Record<AddressField, number> {
    const grown = ADDRESS_FIELDS.map((field, index) => [field, this.#advance(row + index)]);
    return Object.fromEntries(grown) as Record<AddressField, number>;
  }

  /** How far a count has grown since it was last seen. */
  #advance(index: number): number {
    const now = this.#layout.floats[index] ?? 0;
    const before = this.#seen[index] ?? 0;
    this.#seen[index] = now;
    return now - before;
  }
}

/** What several workers have exchanged with one endpoint. */
export function mergeTraffic(parts: readonly EndpointTraffic[]): EndpointTraffic {
  const addresses = new Map<string, AddressTraffic>();
  const connectTimes = new LatencyHistogram();
  for (const part of parts) {
    connectTimes.addHistogram(part.connectTimes);
    for (const traffic of part.addresses) {
      const sum = addresses.get(traffic.address);
      addresses.set(traffic.address, sum === undefined ? traffic : added(sum, traffic));
    }
  }
  // Each worker learns the region by itself: one may not have asked yet.
  const last = parts.find(({ regionAdopted }) => regionAdopted) ?? parts.at(-1);
  return {
    addresses: [...addresses.values()],
    reconnects: parts.reduce((total, { reconnects }) => total + reconnects, 0),
    connectTimes,
    region: last?.region ?? '',
    regionAdopted: last?.regionAdopted ?? false,
  };
}

function added(a: AddressTraffic, b: AddressTraffic): AddressTraffic {
  const sums = ADDRESS_FIELDS.map((field) => [field, a[field] + b[field]] as const);
  return { ...a, ...(Object.fromEntries(sums) as Record<AddressField, number>) };
}
