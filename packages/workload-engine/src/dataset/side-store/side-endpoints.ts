import { BenchError } from '@sai3bench/errors';
import {
  allocateEndpointCounters,
  EndpointCounters,
  endpointOfKey,
  EndpointPool,
} from '@sai3bench/multi-endpoint';
import { ObjectClient, type ObjectStore, openStore } from '@sai3bench/object-store';
import { parseStoreUri, type StoreUri } from '@sai3bench/store-uri';
import type { S3Plan, StorePlan } from '@sai3bench/workload-config/plan';
import { monotonicClock } from '../../clock.ts';
import { attemptAtEndpoints } from '../../endpoint-attempts.ts';
import { requestResultOf } from '../../request-result.ts';
import { s3OptionsOf } from '../../s3-access.ts';
import type { EndpointRequests } from '../describe-requests.ts';

/** One endpoint of a store. */
export interface SideEndpoint {
  readonly store: ObjectStore;
  readonly client: ObjectClient;
  readonly uri: StoreUri;
}

/** Where objects are: at any endpoint, or at a certain one. */
export interface Place {
  readonly endpoint: number | undefined;
  /** Whether an object that is seen there belongs there. */
  readonly has: (key: string) => boolean;
}

/** How the endpoints of a store are used for what is not measured. */
export interface SideOptions {
  readonly s3: S3Plan | undefined;
  /** Operations that may be under way at once, at each endpoint. */
  readonly maxInFlight: number;
  /** What the agent's workers know of the endpoints. */
  readonly board: SharedArrayBuffer;
  /** Which endpoint comes first. */
  readonly startAt: number;
}

const ANYWHERE: Place = { endpoint: undefined, has: () => true };

/**
 * The endpoints of a store for what is not measured, with connections and counts of their own. They are chosen as the
 * workload's are, and one that is out for the workers is out here. What fails at one is tried at others, then again.
 */
export class SideEndpoints {
  readonly #pool: EndpointPool<SideEndpoint>;
  readonly #counters: EndpointCounters;
  /** By endpoint. */
  readonly #failures: number[];
  readonly #nowNs = monotonicClock();
  readonly #separate: boolean;
  #cancellations = 0;

  private constructor(
    endpoints: readonly SideEndpoint[],
    { breaker, namespace, strategy, weights }: StorePlan,
    { board, startAt }: SideOptions,
  ) {
    this.#counters = new EndpointCounters(allocateEndpointCounters(endpoints.length));
    this.#failures = endpoints.map(() => 0);
    this.#separate = namespace === 'separate' && endpoints.length > 1;
    this.#pool = new EndpointPool(endpoints, {
      ...{ board, breaker, startAt, strategy, weights },
      ...{ counters: this.#counters, nowNs: this.#nowNs, random: Math.random },
    });
  }

  /** @throws BenchError `STORE_URI` when an address cannot be understood */
  static async open(plan: StorePlan, options: SideOptions): Promise<SideEndpoints> {
    const { maxInFlight, s3 } = options;
    const endpoints = await Promise.all(
      plan.endpoints.map(async (address) => {
        const store = await openStore(address, {
          ...{ nowNs: monotonicClock(), maxInFlight, fileMode: 'async', env: process.env },
          ...(s3 === undefined ? {} : { s3: s3OptionsOf(s3) }),
        });
        return { store, client: new ObjectClient(store), uri: parseStoreUri(address) };
      }),
    );
    return new SideEndpoints(endpoints, plan, options);
  }

  /** Addresses of all endpoints, for messages. */
  get address(): string {
    return this.#pool.endpoints.map(({ store }) => store.uri).join(', ');
  }

  /** Places that together have all objects. */
  get places(): readonly Place[] {
    const { length } = this.#pool;
    if (!this.#separate) return [ANYWHERE];
    return this.#pool.endpoints.map((_, endpoint) => ({
      endpoint,
      has: (key) => endpointOfKey(key, length) === endpoint,
    }));
  }

  /** What was asked of each endpoint so far. */
  get requests(): EndpointRequests[] {
    return this.#pool.endpoints.map(({ store }, endpoint) => ({
      address: store.uri,
      requests: this.#counters.requestsOf(endpoint),
      failures: this.#failures[endpoint] ?? 0,
    }));
  }

  /** Where an object is. */
  placeOf(key: string): Place {
    if (!this.#separate) return ANYWHERE;
    return { ...ANYWHERE, endpoint: endpointOfKey(key, this.#pool.length) };
  }

  /** Does something at a place, as {@link attemptAtEndpoints} does. */
  async attempt<Result>(
    { endpoint: fixed }: Place,
    act: (endpoint: SideEndpoint) => Promise<Result>,
  ): Promise<Result> {
    const cancellations = this.#cancellations;
    return attemptAtEndpoints(
      this.#pool,
      fixed,
      (endpoint) => this.#at(endpoint, act),
      () => this.#cancellations !== cancellations,
    );
  }

  /** Stops what is under way, with its connections; it is not tried again. */
  cancelAll(): void {
    this.#cancellations++;
    for (const { store } of this.#pool.endpoints) store.cancelAll();
  }

  /** Stops what is under way and frees the connections. */
  close(): void {
    this.#cancellations++;
    for (const { store } of this.#pool.endpoints) store.close();
  }

  async #at<Result>(
    number: number,
    act: (endpoint: SideEndpoint) => Promise<Result>,
  ): Promise<Result> {
    const startNs = this.#nowNs();
    const endpoint = this.#pool.endpoints[number];
    try {
      if (endpoint === undefined) throw noEndpoint();
      const result = await act(endpoint);
      this.#pool.release(number, 'succeeded', this.#nowNs() - startNs, 0, 0);
      return result;
    } catch (error) {
      const result = BenchError.is(error) ? requestResultOf(error) : 'withdrawn';
      if (result === 'failed') this.#failures[number] = (this.#failures[number] ?? 0) + 1;
      this.#pool.release(number, result, this.#nowNs() - startNs, 0, 0);
      throw error;
    }
  }
}

function noEndpoint(): BenchError {
  return new BenchError('a store has no endpoints', { code: 'NO_ENDPOINT', class: 'internal' });
}
