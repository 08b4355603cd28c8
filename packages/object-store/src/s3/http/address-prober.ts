import type { Address, AddressList } from './address-list.ts';
import type { ConnectionContext } from './connection-context.ts';
import { Connection } from './connection.ts';
import { type Timed, TimerWheel } from './timer-wheel.ts';

/** How long to wait before an address that refused is tried again. */
const RETRY_MS = 1_000;

/**
 * Tries addresses that refused until they take connections again. Operations need not find out: they go elsewhere as
 * long as there is another address.
 */
export class AddressProber {
  readonly #addresses: AddressList;
  readonly #context: ConnectionContext;
  readonly #probes = new Map<Address, Connection>();
  #closed = false;
  readonly #timed: Timed = { visitTick: 0, onVisit: (tick) => this.#probe(tick) };

  /** @param onAlive called when an address takes connections again */
  constructor(addresses: AddressList, context: ConnectionContext, onAlive: () => void) {
    this.#addresses = addresses;
    this.#context = {
      ...context,
      free: (probe) => {
        probe.cancel();
        onAlive();
      },
      gone: ({ address }, failed) => {
        this.#probes.delete(address);
        if (failed !== undefined) this.refused(address);
      },
    };
  }

  /** An address did not take a connection. */
  refused(address: Address): void {
    address.notConnected();
    address.broken = true;
    if (this.#closed) return;
    const { wheel } = this.#context;
    wheel.arm(this.#timed, wheel.tick + TimerWheel.ticks(RETRY_MS));
  }

  #probe(tick: number): number {
    if (this.#closed) return 0;
    const broken = this.#addresses.current.filter(({ broken, retired }) => broken && !retired);
    if (broken.length === 0) return 0;
    // The only address that there is will be tried by the operations.
    if (this.#addresses.current.length > 1) {
      for (const address of broken) {
        if (!this.#probes.has(address))
          this.#probes.set(address, new Connection(this.#context, address, undefined));
      }
    }
    return tick + TimerWheel.ticks(RETRY_MS);
  }

  close(): void {
    this.#closed = true;
    for (const probe of [...this.#probes.values()]) probe.cancel();
  }
}
