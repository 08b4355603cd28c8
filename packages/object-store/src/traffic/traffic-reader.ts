import {
  CoarseLatencyReader,
  LatencyHistogram,
  type Operation,
  OPERATIONS,
} from '@sai3bench/stats';
import {
  ADDRESS_FIELDS,
  ADDRESSES,
  type AddressField,
  OPERATION_FIELDS,
  type OperationField,
  TrafficLayout,
  type TrafficMemory,
} from './traffic-layout.ts';

/** What went over one address of an endpoint. */
export type AddressTraffic = { readonly address: string } & Readonly<Record<AddressField, number>>;

/** What went over the wire for operations of one kind. */
export type OperationTraffic = { readonly operation: Operation } & Readonly<
  Record<OperationField, number>
>;

/** What went over the wire to and from an endpoint. */
export interface EndpointTraffic {
  /** Without an entry where nothing is counted: of files, and through the SDK. */
  readonly addresses: readonly AddressTraffic[];
  /** Kinds of operations for which a request was made, or bytes came. */
  readonly operations: readonly OperationTraffic[];
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
      addresses.push({ address, ...this.#delta(layout.addressRow(endpoint, row), ADDRESS_FIELDS) });
    }
    const connected = addresses.some(({ connects }) => connects > 0);
    return {
      addresses,
      operations: this.#operationsDelta(endpoint),
      reconnects: this.#advance(layout.reconnects(endpoint)),
      // A histogram that nothing was added to need not be looked through.
      connectTimes: connected ? this.#connectTimes.takeDelta(endpoint) : new LatencyHistogram(),
      region: layout.region(endpoint),
      regionAdopted: layout.floats[layout.regionAdopted(endpoint)] === 1,
    };
  }

  #operationsDelta(endpoint: number): OperationTraffic[] {
    return OPERATIONS.flatMap((operation, index) => {
      const row = this.#layout.operationRow(endpoint, index);
      const delta = this.#delta(row, OPERATION_FIELDS);
      return OPERATION_FIELDS.some((field) => delta[field] > 0) ? [{ operation, ...delta }] : [];
    });
  }

  /** How far each count of a row has grown. */
  #delta<Field extends string>(row: number, fields: readonly Field[]): Record<Field, number> {
    const grown = fields.map((field, index) => [field, this.#advance(row + index)]);
    return Object.fromEntries(grown) as Record<Field, number>;
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
  const connectTimes = new LatencyHistogram();
  for (const part of parts) connectTimes.addHistogram(part.connectTimes);
  // Each worker learns the region by itself: one may not have asked yet.
  const last = parts.find(({ regionAdopted }) => regionAdopted) ?? parts.at(-1);
  return {
    addresses: merged(
      parts.flatMap((part) => part.addresses),
      ({ address }) => address,
      (a, b) => ({ ...a, ...sums(ADDRESS_FIELDS, a, b) }),
    ),
    operations: merged(
      parts.flatMap((part) => part.operations),
      ({ operation }) => operation,
      (a, b) => ({ ...a, ...sums(OPERATION_FIELDS, a, b) }),
    ),
    reconnects: parts.reduce((total, { reconnects }) => total + reconnects, 0),
    connectTimes,
    region: last?.region ?? '',
    regionAdopted: last?.regionAdopted ?? false,
  };
}

/** Rows with one name made into one, in the order in which names come first. */
function merged<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  add: (a: Row, b: Row) => Row,
): Row[] {
  const byName = new Map<string, Row>();
  for (const row of rows) {
    const name = nameOf(row);
    const sum = byName.get(name);
    byName.set(name, sum === undefined ? row : add(sum, row));
  }
  return [...byName.values()];
}

function sums<Field extends string>(
  fields: readonly Field[],
  a: Readonly<Record<Field, number>>,
  b: Readonly<Record<Field, number>>,
): Record<Field, number> {
  const entries = fields.map((field) => [field, a[field] + b[field]] as const);
  return Object.fromEntries(entries) as Record<Field, number>;
}
