import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { TrafficCounter } from '../../traffic/traffic-counter.ts';
import { ADDRESS_FIELDS, type AddressField } from '../../traffic/traffic-layout.ts';

const REQUESTS = fieldOf('requests');
const FAILURES = fieldOf('failures');
const CONNECTS = fieldOf('connects');
const CONNECT_ERRORS = fieldOf('connectErrors');
const CONNECT_NS = fieldOf('connectNs');
const SENT = fieldOf('bytesSent');
const RECEIVED = fieldOf('bytesReceived');

/**
 * Names of large services lead to a few addresses at a time, each time to others. One that is not named now is as good as
 * before; after five minutes, with a refresh every 30 s, it is taken to be gone.
 */
const ABSENCES_OF_THE_RETIRED = 10;

function fieldOf(field: AddressField): number {
  return ADDRESS_FIELDS.indexOf(field);
}

/** One address of a server, and what went over it. What is counted only grows, and others can see it. */
export class Address {
  readonly host: string;
  /** Connections that exist now. */
  open = 0;
  readonly #counts: Float64Array;
  /** So many answers in a row have not named it. */
  absences = 0;
  /** Refused the last connection: operations go elsewhere as long as there are other addresses. */
  broken = false;
  /** Connections above its share: so many are closed when they become free. */
  surplus = 0;
  /** To take up an earlier TLS session with. */
  tlsSession: Buffer | undefined = undefined;

  /** @param counts in the order of `ADDRESS_FIELDS` */
  constructor(host: string, counts: Float64Array) {
    this.host = host;
    this.#counts = counts;
  }

  /** Connections that were made. */
  get connects(): number {
    return this.#counts[CONNECTS] ?? 0;
  }

  get requests(): number {
    return this.#counts[REQUESTS] ?? 0;
  }

  get bytesSent(): number {
    return this.#counts[SENT] ?? 0;
  }

  get bytesReceived(): number {
    return this.#counts[RECEIVED] ?? 0;
  }

  /** The name no longer leads here: connections are given up as they become free. */
  get retired(): boolean {
    return this.absences > 0 && (this.broken || this.absences >= ABSENCES_OF_THE_RETIRED);
  }

  /** A connection was made. */
  connected(connectNs: number): void {
    this.#add(CONNECTS, 1);
    this.#add(CONNECT_NS, connectNs);
  }

  /** A connection did not come about. */
  notConnected(): void {
    this.#add(CONNECT_ERRORS, 1);
  }

  /** A request was given to a connection. */
  requested(): void {
    this.#add(REQUESTS, 1);
  }

  /** A request failed without a whole answer. */
  failed(): void {
    this.#add(FAILURES, 1);
  }

  /** Bytes were handed to a socket: heads, bodies and their framing, without TLS. */
  sent(bytes: number): void {
    this.#add(SENT, bytes);
  }

  /** Bytes came out of a socket. */
  received(bytes: number): void {
    this.#add(RECEIVED, bytes);
  }

  #add(field: number, amount: number): void {
    this.#counts[field] = (this.#counts[field] ?? 0) + amount;
  }
}

/** All addresses that a name leads to; rejects when there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/**
 * The addresses of a server. All are used: a new connection goes to the one with the fewest, in turn where that does
 * not decide.
 */
export class AddressList {
  readonly #name: string;
  readonly #resolve: Resolve;
  readonly #traffic: Pick<TrafficCounter, 'addAddress'>;
  readonly #known = new Map<string, Address>();
  #current: Address[] = [];
  #turn = 0;

  constructor(
    name: string,
    traffic: Pick<TrafficCounter, 'addAddress'>,
    resolve: Resolve = resolveBySystem,
  ) {
    this.#traffic = traffic;
    // The host of a URL has brackets round an IPv6 address.
    this.#name = name.replace(/^\[(.*)\]$/, '$1');
    this.#resolve = resolve;
    if (isIP(this.#name) !== 0) this.#set([this.#name]);
  }

  /** Whether the name was resolved at least once. */
  get ready(): boolean {
    return this.#current.length > 0;
  }

  /** Addresses that are used: the name leads there now, or did so not long ago. */
  get current(): readonly Address[] {
    return this.#current;
  }

  /** Whether there is an address that has not refused its last connection. */
  get usable(): boolean {
    return this.#current.some(({ broken }) => !broken);
  }

  /** Every address that was ever used, for counting. */
  all(): readonly Address[] {
    return [...this.#known.values()];
  }

  /**
   * Asks again where the name leads; true when connections should be spread anew, because an address is gone or one without
   * connections is named again. What was known stays when nobody answers.
   */
  async refresh(): Promise<boolean> {
    if (isIP(this.#name) !== 0) return false;
    const before = this.#current;
    const named = this.#set(await this.#resolve(this.#name));
    return before.some(({ retired }) => retired) || named.some(({ open }) => open === 0);
  }

  /** Returns the addresses that were not named the last time. */
  #set(hosts: readonly string[]): readonly Address[] {
    for (const address of this.#known.values()) address.absences++;
    const named: Address[] = [];
    for (const host of new Set(hosts)) {
      const address = this.#known.get(host) ?? new Address(host, this.#traffic.addAddress(host));
      if (address.absences !== 1) named.push(address);
      address.absences = 0;
      this.#known.set(host, address);
    }
    this.#current = this.all().filter(({ retired }) => !retired);
    return named;
  }

  /** Where the next connection goes. */
  pick(): Address | undefined {
    const { length } = this.#current;
    // The system names them in the order in which they should be tried (RFC 6724).
    const turn = this.#turn;
    this.#turn = length === 0 ? 0 : (turn + 1) % length;
    let best: Address | undefined;
    for (let i = 0; i < length; i++) {
      const address = this.#current[(turn + i) % length];
      if (address !== undefined && (best === undefined || rank(address) < rank(best)))
        best = address;
    }
    return best;
  }
}

/** Broken addresses last, before them those that are not named now, then by connections. */
function rank({ absences, broken, open }: Address): number {
  return (broken ? 1e9 : 0) + (absences > 0 ? 1e6 : 0) + open;
}
