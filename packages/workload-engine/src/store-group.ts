import type { BenchError, ErrorClass } from '@sai3bench/errors';
import {
  EndpointCounters,
  endpointOfKey,
  EndpointPool,
  type RequestResult,
} from '@sai3bench/multi-endpoint';
import {
  type ObjectStore,
  openStore,
  type StoreOptions,
  type TrafficMemory,
} from '@sai3bench/object-store';
import { CoarseLatencies } from '@sai3bench/stats';
import type { StorePlan } from '@sai3bench/workload-config';
import type { Slot } from './stage/slot.ts';
import type { RequestCarrier } from './stage/slot-loop.ts';

/** Memory that a group counts in; see memory/run-memory.ts. */
export interface StoreGroupMemory {
  readonly board: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly traffic: TrafficMemory;
}

/** An endpoint that shows all objects of a store, or its own part of them. */
export interface Listing {
  readonly store: ObjectStore;
  /** Whether this endpoint is the one to ask for an object. */
  readonly has: (key: string) => boolean;
}

/** What an error tells about the endpoint that the request was sent to. */
const RESULTS: Readonly<Record<ErrorClass, RequestResult>> = {
  network: 'failed',
  timeout: 'failed',
  server: 'failed',
  auth: 'refused',
  permission: 'refused',
  'not-found': 'refused',
  throttled: 'refused',
  integrity: 'refused',
  config: 'withdrawn',
  resource: 'withdrawn',
  cancelled: 'withdrawn',
  internal: 'withdrawn',
};

/** One store of a plan: its endpoints and the choice between them. */
export class StoreGroup implements RequestCarrier {
  readonly #pool: EndpointPool<ObjectStore>;
  readonly #latencies: CoarseLatencies;
  /** Whether each object is at one endpoint, which its key says. */
  readonly #separate: boolean;

  private constructor(
    stores: readonly ObjectStore[],
    plan: StorePlan,
    memory: StoreGroupMemory,
    startAt: number,
    nowNs: () => number,
  ) {
    const { breaker, namespace, strategy, weights } = plan;
    this.#separate = namespace === 'separate' && stores.length > 1;
    this.#pool = new EndpointPool(stores, {
      strategy,
      weights,
      breaker,
      startAt,
      board: memory.board,
      counters: new EndpointCounters(memory.counters),
      nowNs,
      // Nothing to repeat: what is drawn between depends on measured latencies anyway.
      random: Math.random,
    });
    this.#latencies = new CoarseLatencies(memory.latencies);
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
      plan.endpoints.map((address, endpoint) =>
        openStore(address, { ...options, traffic: { memory: memory.traffic, endpoint } }),
      ),
    );
    return new StoreGroup(stores, plan, memory, startAt, options.nowNs);
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

  /** Forgets the latencies of the stage before. */
  startStage(): void {
    this.#latencies.clear();
  }

  /** Sends a slot's request to the endpoint that has the object, or whose turn it is. */
  submit(slot: Slot): void {
    const { key, operation } = slot.request;
    // A listing shows what is at one endpoint, any of them.
    const fixed = this.#separate && operation !== 'LIST';
    slot.endpoint = this.#pool.acquire(fixed ? endpointOfKey(key, this.#pool.length) : undefined);
    this.#pool.endpoints[slot.endpoint]?.submit(slot.request);
  }

  /** Counts the request that {@link submit} sent. */
  release(slot: Slot, error: BenchError | undefined): void {
    const { bytes, endNs, operation, startNs } = slot.request;
    const moved = error === undefined ? bytes : 0;
    const latencyNs = endNs - startNs;
    if (error === undefined) this.#latencies.record(slot.endpoint, latencyNs);
    this.#pool.release(
      slot.endpoint,
      error === undefined ? 'succeeded' : RESULTS[error.class],
      latencyNs,
      operation === 'GET' ? moved : 0,
      operation === 'PUT' ? moved : 0,
    );
  }

  /** The address of an endpoint, for messages. */
  addressOf(endpoint: number): string {
    return this.#pool.endpoints[endpoint]?.uri ?? '';
  }

  /** Where all objects can be listed, which is not measured, and which of the keys found there count. */
  get listings(): readonly Listing[] {
    const { endpoints, length } = this.#pool;
    if (!this.#separate) return endpoints.slice(0, 1).map((store) => ({ store, has: () => true }));
    return endpoints.map((store, endpoint) => ({
      store,
      has: (key) => endpointOfKey(key, length) === endpoint,
    }));
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
