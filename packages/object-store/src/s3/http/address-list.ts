import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** One address of a server, and what went over it. Everything that is counted only grows, except `open`. */
export class Address {
  readonly host: string;
  /** Connections that exist now. */
  open = 0;
  /** Connections that were made. */
  connects = 0;
  connectErrors = 0;
  requests = 0;
  /** Requests that failed without an answer. */
  failures = 0;
  /** Bytes handed to the socket: heads, bodies and their framing, without TLS. */
  bytesSent = 0;
  bytesReceived = 0;
  /** The name no longer leads here. */
  retired = false;
  /** No connection is tried before this tick, as long as there are other addresses. */
  brokenUntilTick = 0;
  /** To take up an earlier TLS session with. */
  tlsSession: Buffer | undefined = undefined;

  constructor(host: string) {
    this.host = host;
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
  readonly #known = new Map<string, Address>();
  #current: Address[] = [];
  #turn = 0;

  constructor(name: string, resolve: Resolve = resolveBySystem) {
    // The host of a URL has brackets round an IPv6 address.
    this.#name = name.replace(/^\[(.*)\]$/, '$1');
    this.#resolve = resolve;
    if (isIP(this.#name) !== 0) this.#set([this.#name]);
  }

  /** Whether the name was resolved at least once. */
  get ready(): boolean {
    return this.#current.length > 0;
  }

  /** Addresses that the name leads to now. */
  get size(): number {
    return this.#current.length;
  }

  /** Every address that was ever used, for counting. */
  all(): readonly Address[] {
    return [...this.#known.values()];
  }

  /** Asks again where the name leads; true when that has changed. What was known stays when nobody answers. */
  async refresh(): Promise<boolean> {
    if (isIP(this.#name) !== 0) return false;
    const before = this.#current;
    this.#set(await this.#resolve(this.#name));
    return before.length !== this.#current.length || before.some(({ retired }) => retired);
  }

  #set(hosts: readonly string[]): void {
    for (const address of this.#known.values()) address.retired = !hosts.includes(address.host);
    this.#current = [...new Set(hosts)].map((host) => {
      const address = this.#known.get(host) ?? new Address(host);
      this.#known.set(host, address);
      return address;
    });
  }

  /** Where the next connection goes. */
  pick(tick: number): Address | undefined {
    const { length } = this.#current;
    let best: Address | undefined;
    this.#turn = length === 0 ? 0 : (this.#turn + 1) % length;
    for (let i = 0; i < length; i++) {
      const address = this.#current[(this.#turn + i) % length];
      if (address !== undefined && (best === undefined || rank(address, tick) < rank(best, tick)))
        best = address;
    }
    return best;
  }
}

/** Broken addresses last, then by connections. */
function rank({ brokenUntilTick, open }: Address, tick: number): number {
  return (brokenUntilTick > tick ? 1e9 : 0) + open;
}
