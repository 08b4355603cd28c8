import { EndpointCounters, EndpointPool, SharedInFlight } from '@sai3bench/multi-endpoint';
import type { BenchError } from '@sai3bench/errors';
import { type ObjectStore, openStore, type StoreOptions } from '@sai3bench/object-store';
import type { StorePlan } from '@sai3bench/workload-config';
import type { Slot } from './stage/slot.ts';
import type { RequestCarrier } from './stage/slot-loop.ts';

/** Memory that a group counts in; see memory/run-memory.ts. */
export interface StoreGroupMemory {
  readonly inFlight: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
}

/** One store of a plan: its endpoints, which show one namespace, and the choice between them. */
export class StoreGroup implements RequestCarrier {
  readonly #pool: EndpointPool<ObjectStore>;

  private constructor(
    stores: readonly ObjectStore[],
    plan: StorePlan,
    memory: StoreGroupMemory,
    startAt: number,
  ) {
    this.#pool = new EndpointPool(stores, {
      strategy: plan.strategy,
      startAt,
      inFlight: new SharedInFlight(memory.inFlight),
      counters: new EndpointCounters(memory.counters),
    });
  }

  /**
   * Opens the endpoints of a store.
   *
   * @param startAt which endpoint this worker begins with
   * @throws BenchError `STORE_URI` when an address cannot be understood
   */
  static async open(
    plan: StorePlan,
    memory: StoreGroupMemory,
    startAt: number,
    options: StoreOptions,
  ): Promise<StoreGroup> {
    const stores = await Promise.all(
      plan.endpoints.map((endpoint) => openStore(endpoint, options)),
    );
    return new StoreGroup(stores, plan, memory, startAt);
  }

  /**
   * Opens connections before a clock runs. An endpoint that cannot be reached shows when operations fail.
   *
   * @param slots operations that will be under way at once, over all endpoints
   */
  async warmUp(slots: number): Promise<void> {
    const { endpoints } = this.#pool;
    const connections = Math.ceil(slots / endpoints.length);
    await Promise.allSettled(endpoints.flatMap((store) => store.warmUp?.(connections) ?? []));
  }

  /** Sends a slot's request to the endpoint whose turn it is. */
  submit(slot: Slot): void {
    slot.endpoint = this.#pool.acquire();
    this.#pool.endpoints[slot.endpoint]?.submit(slot.request);
  }

  /** Counts the request that {@link submit} sent. */
  release(slot: Slot, failed: boolean): void {
    const { bytes, operation } = slot.request;
    const moved = failed ? 0 : bytes;
    this.#pool.release(
      slot.endpoint,
      failed,
      operation === 'GET' ? moved : 0,
      operation === 'PUT' ? moved : 0,
    );
  }

  /** The address of an endpoint, for messages. */
  addressOf(endpoint: number): string {
    return this.#pool.endpoints[endpoint]?.uri ?? '';
  }

  /** The first endpoint, for work that is not measured. */
  get first(): ObjectStore | undefined {
    return this.#pool.endpoints[0];
  }

  cancelAll(): void {
    for (const store of this.#pool.endpoints) store.cancelAll();
  }

  /** Removes the directories that were made on the way to objects; returns why others are left, and where. */
  removeMadeDirectories(): { readonly address: string; readonly error: BenchError }[] {
    return this.#pool.endpoints.flatMap((store) =>
      store.removeMadeDirectories().map((error) => ({ address: store.uri, error })),
    );
  }

  /** Frees the connections of all endpoints. */
  close(): void {
    for (const store of this.#pool.endpoints) store.close();
  }
}
