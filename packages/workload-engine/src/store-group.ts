import { BenchError } from '@sai3bench/errors';
import {
  EndpointCounters,
  endpointOfKey,
  EndpointPool,
  type RequestResult,
} from '@sai3bench/multi-endpoint';
import {
  type DeleteFailures,
  type DeleteRequest,
  MAX_DELETE_KEYS,
  ObjectClient,
  type ObjectStore,
  openStore,
  type StoreOptions,
  type TrafficMemory,
} from '@sai3bench/object-store';
import { CoarseLatencies } from '@sai3bench/stats';
import type { StorePlan } from '@sai3bench/workload-config/plan';
import { attemptAtEndpoints } from './endpoint-attempts.ts';
import { requestResultOf } from './request-result.ts';
import type { Slot } from './stage/slot.ts';
import type { RequestCarrier } from './stage/request-carrier.ts';

/** Memory that a group counts in; see memory/run-memory.ts. */
export interface StoreGroupMemory {
  readonly board: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly traffic: TrafficMemory;
}

/** How a group and its stores are made. */
export interface StoreGroupOptions extends StoreOptions {
  /** Which endpoint this worker begins with. */
  readonly startAt: number;
  /** Yields numbers in [0, 1). */
  readonly random: () => number;
}

/** One store of a plan: its endpoints and the choice between them. */
export class StoreGroup implements RequestCarrier {
  readonly #pool: EndpointPool<ObjectStore>;
  readonly #latencies: CoarseLatencies;
  readonly #nowNs: () => number;
  /** Whether each object is at one endpoint, which its key says. */
  readonly #separate: boolean;
  /** How often everything under way was given up. */
  #cancellations = 0;

  private constructor(
    stores: readonly ObjectStore[],
    plan: StorePlan,
    memory: StoreGroupMemory,
    { nowNs, random, startAt }: StoreGroupOptions,
  ) {
    const { breaker, namespace, strategy, weights } = plan;
    this.#nowNs = nowNs;
    this.#separate = namespace === 'separate' && stores.length > 1;
    this.#pool = new EndpointPool(stores, {
      strategy,
      weights,
      breaker,
      startAt,
      board: memory.board,
      counters: new EndpointCounters(memory.counters),
      nowNs,
      random,
    });
    this.#nowNs = nowNs;
    this.#latencies = new CoarseLatencies(memory.latencies);
  }

  /**
   * Opens the endpoints of a store.
   *
   * @throws BenchError `STORE_URI` when an address cannot be understood
   */
  static async open(
    plan: StorePlan,
    memory: StoreGroupMemory,
    options: StoreGroupOptions,
  ): Promise<StoreGroup> {
    const stores = await Promise.all(
      plan.endpoints.map((address, endpoint) =>
        openStore(address, { ...options, traffic: { memory: memory.traffic, endpoint } }),
      ),
    );
    return new StoreGroup(stores, plan, memory, options);
  }

  /**
   * Opens connections before a clock runs. An endpoint that cannot be reached shows when operations fail.
   *
   * @param requests that will be under way at once, over all endpoints
   */
  async warmUp(requests: number): Promise<void> {
    const { endpoints } = this.#pool;
    const connections = Math.ceil(requests / endpoints.length);
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
    const hasOwn = this.#separate && operation !== 'LIST';
    slot.endpoint = this.#pool.acquire(
      slot.fixedEndpoint ?? (hasOwn ? endpointOfKey(key, this.#pool.length) : undefined),
    );
    const store = this.#pool.endpoints[slot.endpoint];
    if (slot.batch.length > 0 && store?.deleteObjects !== undefined) this.#delete(store, slot);
    else store?.submit(slot.request);
  }

  /** How many objects one DELETE can take. Where each object is at one endpoint, those of several do not mix. */
  get deleteBatch(): number {
    const able = this.#pool.endpoints.every((store) => store.deleteObjects !== undefined);
    return able && !this.#separate ? MAX_DELETE_KEYS : 1;
  }

  /** Deletes a slot's batch, with one request where the server can. */
  #delete(store: ObjectStore, slot: Slot): void {
    const { request } = slot;
    const ended = (failures: DeleteFailures, error: BenchError | undefined): void => {
      slot.batchFailures = failures;
      request.error = error;
      request.endNs = this.#nowNs();
      // Nothing was sent.
      if (request.startNs === 0) request.startNs = request.endNs;
      request.onComplete(request);
    };
    request.bytes = 0;
    request.startNs = 0;
    request.firstByteNs = 0;
    request.connectNs = 0;
    request.retries = 0;
    request.retryNs = 0;
    slot.batchTimes.clear();
    const keys = slot.batch.map(({ key }) => key);
    const onRequest = (sent: DeleteRequest): void => {
      request.connectNs += sent.connectNs;
      request.retries += sent.retries;
      request.retryNs += sent.retryNs;
      if (sent.keys.length === keys.length) {
        request.startNs = sent.startNs;
        request.firstByteNs = sent.firstByteNs;
      } else {
        // One by one: each object has times of its own.
        for (const key of sent.keys) slot.batchTimes.set(key, sent);
      }
    };
    store.deleteObjects?.(keys, onRequest).then(
      (failures) => {
        ended(failures, undefined);
      },
      (error: unknown) => {
        ended(new Map(), BenchError.from(error));
      },
    );
  }

  /** Counts the request that {@link submit} sent. */
  release(slot: Slot, error: BenchError | undefined): void {
    const { bytes, endNs, operation, startNs } = slot.request;
    const moved = error === undefined ? bytes : 0;
    const latencyNs = endNs - startNs;
    if (error === undefined) this.#latencies.record(slot.endpoint, latencyNs);
    this.#pool.release(
      slot.endpoint,
      error === undefined ? 'succeeded' : requestResultOf(error),
      latencyNs,
      operation === 'GET' ? moved : 0,
      operation === 'PUT' ? moved : 0,
    );
  }

  /** The address of an endpoint, for messages. */
  addressOf(endpoint: number): string {
    return this.#pool.endpoints[endpoint]?.uri ?? '';
  }

  /**
   * Calls `onKey` for every key below a prefix, perhaps more than once; that is not measured. Of endpoints that show the
   * same objects, the next one is asked, and another when it fails. Of others all are, each for the objects that belong
   * to it. What may pass is tried again. What `onKey` throws ends the listing.
   */
  async listKeys(prefix: string, onKey: (key: string) => void): Promise<void> {
    const { length } = this.#pool;
    const cancellations = this.#cancellations;
    const isOver = (): boolean => this.#cancellations !== cancellations;
    if (!this.#separate) {
      await attemptAtEndpoints(
        this.#pool,
        undefined,
        (endpoint) => this.#listAt(endpoint, prefix, onKey),
        isOver,
      );
      return;
    }
    for (let own = 0; own < length; own++) {
      const list = (endpoint: number): Promise<void> =>
        this.#listAt(endpoint, prefix, (key) => {
          if (endpointOfKey(key, length) === own) onKey(key);
        });
      await attemptAtEndpoints(this.#pool, own, list, isOver);
    }
  }

  /** Lists at an endpoint that was acquired, and releases it. */
  async #listAt(endpoint: number, prefix: string, onKey: (key: string) => void): Promise<void> {
    const startNs = this.#nowNs();
    const release = (result: RequestResult): void => {
      this.#pool.release(endpoint, result, this.#nowNs() - startNs, 0, 0);
    };
    const store = this.#pool.endpoints[endpoint];
    try {
      if (store !== undefined) {
        await new ObjectClient(store).listPatiently(prefix, ({ key }) => {
          onKey(key);
        });
      }
      release('succeeded');
    } catch (error) {
      release(requestResultOf(BenchError.from(error)));
      throw error;
    }
  }

  cancelAll(): void {
    this.#cancellations++;
    for (const store of this.#pool.endpoints) store.cancelAll();
  }

  /**
   * Removes the directories that were made on the way to objects; returns why others are left, and where.
   *
   * @param onProgress told how many of those of an endpoint have been tried
   */
  removeMadeDirectories(
    onProgress: (tried: number, total: number) => void,
  ): { readonly address: string; readonly error: BenchError }[] {
    return this.#pool.endpoints.flatMap((store) =>
      store.removeMadeDirectories(onProgress).map((error) => ({ address: store.uri, error })),
    );
  }

  /** Frees the connections of all endpoints. */
  close(): void {
    for (const store of this.#pool.endpoints) store.close();
  }
}
