import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address, AddressList } from './address-list.ts';
import { AddressProber } from './address-prober.ts';
import type { ConnectionContext } from './connection-context.ts';
import { Connection } from './connection.ts';
import { FreeConnections } from './free-connections.ts';
import { type HttpExchange, type HttpFailure, isRefusal } from './http-exchange.ts';
import { TimerWheel } from './timer-wheel.ts';
import { tlsConnectionOptions, type TlsSettings } from './tls-options.ts';
import { WarmUp } from './warm-up.ts';

/** How connections are made, and how long everything may take. */
export interface ConnectionPoolOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined for plain HTTP. */
  readonly tls: TlsSettings | undefined;
  readonly maxConnections: number;
  readonly keepAlive: boolean;
  readonly localAddress: string | undefined;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly nowNs: () => number;
  readonly traffic: ConnectionContext['traffic'];
}

const CANCELLED: HttpFailure = { kind: 'cancelled', answered: false, reused: false };
const NO_ADDRESS: HttpFailure = {
  kind: 'connect',
  answered: false,
  reused: false,
  detail: 'no address',
};
/**
 * Objects of 1 MiB came at 1.1 to 1.2 of wrk's rate with this size, at 0.9 to 1.0 with 80 to 512 KiB, which fall out of the
 * nearest caches. Objects of 8 MiB would come a fifth faster with 256 KiB, but are at 1.7 of wrk's rate with this too.
 */
const READ_BUFFER_BYTES = 64 * 1024;

/** What a socket reads is used up before the next one reads: one buffer serves every connection of a thread. */
let readBuffer: Buffer | undefined;

/** The connections to a server: at most so many, each used again and again. Exchanges that find none wait in line. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #addresses: AddressList;
  readonly #context: ConnectionContext;
  readonly #free: FreeConnections;
  readonly #connections = new Set<Connection>();
  readonly #waiting: HttpExchange[] = [];
  readonly #prober: AddressProber;
  #warmUp: WarmUp | undefined;
  #closed = false;

  constructor(options: ConnectionPoolOptions, addresses: AddressList, wheel: TimerWheel) {
    this.#options = options;
    this.#addresses = addresses;
    this.#free = new FreeConnections(options.maxConnections);
    readBuffer ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    this.#context = {
      wheel,
      nowNs: options.nowNs,
      traffic: options.traffic,
      connectTicks: TimerWheel.ticks(options.connectTimeoutMs),
      idleTicks: TimerWheel.ticks(options.idleTimeoutMs),
      totalTicks: TimerWheel.ticks(options.totalTimeoutMs),
      keepAlive: options.keepAlive,
      connectedEvent: options.tls === undefined ? 'connect' : 'secureConnect',
      connect: connector(options, readBuffer),
      free: (connection) => this.#onFree(connection),
      gone: (connection, failed) => this.#onGone(connection, failed),
    };
    this.#prober = new AddressProber(addresses, this.#context, () => this.rebalance());
  }

  submit(exchange: HttpExchange): void {
    const connection = this.#free.take();
    if (connection !== undefined) connection.send(exchange);
    else this.submitFresh(exchange);
  }

  /** As `submit`, but on a new connection, if there may be another. */
  submitFresh(exchange: HttpExchange): void {
    if (this.#connections.size < this.#options.maxConnections) this.#open(exchange);
    else this.#waiting.push(exchange);
  }

  /**
   * Makes connections until there are so many. What an address refuses, the others take over; resolves with what went
   * wrong when none did.
   */
  async warmUp(connections: number): Promise<HttpFailure | undefined> {
    if (!this.#options.keepAlive) return undefined;
    for (let rounds = this.#addresses.current.length; ; rounds--) {
      const failed = await this.#connect(connections);
      const mayGoOn = failed !== undefined && isRefusal(failed) && this.#addresses.usable;
      if (!mayGoOn || this.#closed || rounds <= 1) return failed;
    }
  }

  async #connect(connections: number): Promise<HttpFailure | undefined> {
    const missing = Math.min(connections, this.#options.maxConnections) - this.#connections.size;
    const warmUp = new WarmUp();
    for (let i = missing; i > 0; i--) {
      const connection = this.#open(undefined);
      if (connection === undefined) return NO_ADDRESS;
      warmUp.awaits(connection);
    }
    this.#warmUp = warmUp;
    const failed = await warmUp.begin();
    this.#warmUp = undefined;
    return failed;
  }

  /** Fails every exchange under way and closes all connections. */
  cancelAll(): void {
    const waiting = this.#waiting.splice(0);
    for (const connection of [...this.#connections]) {
      if (connection.exchange !== undefined) connection.cancel();
    }
    for (const exchange of waiting) {
      exchange.onFailure(CANCELLED);
    }
  }

  close(): void {
    this.#closed = true;
    this.cancelAll();
    this.#prober.close();
    for (const connection of [...this.#connections]) connection.cancel();
  }

  /**
   * There are other addresses than before: those with more connections than their share lose them as they become free,
   * and new ones go to the others. Done once, because an address that dies leaves its share to the others.
   */
  rebalance(): void {
    const { current } = this.#addresses;
    const share = Math.ceil(this.#connections.size / Math.max(1, current.length));
    for (const address of current) address.surplus = Math.max(0, address.open - share);
  }

  #open(exchange: HttpExchange | undefined): Connection | undefined {
    const address = this.#addresses.pick();
    if (address === undefined) {
      exchange?.onFailure(NO_ADDRESS);
      return undefined;
    }
    const connection = new Connection(this.#context, address, exchange);
    this.#connections.add(connection);
    return connection;
  }

  #onFree(connection: Connection): void {
    this.#warmUp?.settled(connection, undefined);
    const { address } = connection;
    if (address.retired || address.surplus > 0) {
      if (address.surplus > 0) address.surplus--;
      connection.cancel();
      return;
    }
    const exchange = this.#waiting.shift();
    if (exchange === undefined) this.#free.put(connection);
    else connection.send(exchange);
  }

  #onGone(connection: Connection, failed: HttpFailure | undefined): void {
    this.#connections.delete(connection);
    if (connection.free) this.#free.remove(connection);
    if (failed !== undefined) this.#prober.refused(connection.address);
    this.#warmUp?.settled(connection, failed ?? CANCELLED);
    if (this.#connections.size >= this.#options.maxConnections) return;
    const exchange = this.#waiting.shift();
    if (exchange !== undefined) this.#open(exchange);
  }
}

function connector(options: ConnectionPoolOptions, buffer: Buffer): ConnectionContext['connect'] {
  const { host, localAddress, port, tls } = options;
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const local = localAddress === undefined ? {} : { localAddress };
  if (tls === undefined) {
    return (address, callback) =>
      connectTcp({
        host: address.host,
        port,
        noDelay: true,
        onread: { buffer, callback },
        ...local,
      });
  }
  const tlsOptions = tlsConnectionOptions(tls, name, isIP(name) !== 0);
  return (address: Address, callback: OnReadOpts['callback']): Socket => {
    const { tlsSession } = address;
    const session = tlsSession === undefined ? {} : { session: tlsSession };
    const onread = { buffer, callback };
    // Handed on to the TCP socket below, which the types do not know.
    const all = { host: address.host, port, onread, ...local, ...tlsOptions, ...session };
    const socket = connectTls(all);
    socket.setNoDelay(true);
    socket.on('session', (fresh: Buffer) => (address.tlsSession = fresh));
    return socket;
  };
}
