import type { BreakerSettings } from './circuit-breaker.ts';
import { type EndpointBoard, endpointBoard } from './endpoint-board.ts';
import type { EndpointCounters } from './endpoint-counters.ts';
import { LatencyAverages } from './latency-averages.ts';
import { latencyAware } from './latency-aware.ts';
import { leastConnections } from './least-connections.ts';
import type { RequestResult } from './request-result.ts';
import { roundRobin } from './round-robin.ts';
import type { EndpointView, SelectionPolicy, SelectionStrategy } from './selection-policy.ts';
import { SharedBreakers } from './shared-breakers.ts';
import { weighted } from './weighted.ts';

/** How to make an {@link EndpointPool}. */
export interface EndpointPoolOptions {
  readonly strategy: SelectionStrategy;
  /** For `weighted`: whole numbers of at least 1, by endpoint. All alike when absent. */
  readonly weights?: readonly number[] | undefined;
  readonly breaker: BreakerSettings;
  /** Which endpoint this worker starts at. */
  readonly startAt: number;
  /** Memory of `allocateEndpointBoard`, one per agent. */
  readonly board: SharedArrayBuffer;
  /** What this worker alone counts in. */
  readonly counters: EndpointCounters;
  /** A clock that all workers share. */
  readonly nowNs: () => number;
  /** Yields numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * Spreads requests over endpoints that show one namespace, keeps those that fail out of it, and counts what
 * goes where. What an endpoint is, is the caller's business: the pool deals in their numbers.
 */
export class EndpointPool<Endpoint> implements EndpointView {
  readonly endpoints: readonly Endpoint[];
  readonly length: number;
  readonly #policy: SelectionPolicy;
  readonly #board: EndpointBoard;
  readonly #breakers: SharedBreakers;
  readonly #averages: LatencyAverages;
  readonly #needsLatency: boolean;
  /** Workers that all write one counter for every request hold each other up: only where it decides something. */
  readonly #needsInFlight: boolean;
  readonly #counters: EndpointCounters;

  constructor(endpoints: readonly Endpoint[], options: EndpointPoolOptions) {
    const { board, breaker, counters, nowNs, strategy } = options;
    this.endpoints = endpoints;
    this.length = endpoints.length;
    this.#policy = POLICIES[strategy](options, endpoints.length);
    this.#board = endpointBoard(board);
    this.#breakers = new SharedBreakers(this.#board, breaker, nowNs);
    this.#averages = new LatencyAverages(this.#board, nowNs);
    this.#needsLatency = strategy === 'latency_aware';
    this.#needsInFlight =
      endpoints.length > 1 && (strategy === 'latency_aware' || strategy === 'least_connections');
    this.#counters = counters;
  }

  /**
   * Chooses an endpoint for a request that starts now; each call is followed by one {@link release}.
   *
   * @param fixed the endpoint where there is no choice
   * @param failed endpoints to be left out, where there are others: the request has failed there before
   */
  acquire(fixed?: number, failed?: ReadonlySet<number>): number {
    const endpoint = fixed ?? this.#choose(failed);
    if (this.#needsInFlight) Atomics.add(this.#board.inFlight, endpoint, 1);
    this.#counters.started(endpoint);
    return endpoint;
  }

  /** Counts the request that {@link acquire} chose `endpoint` for. */
  release(
    endpoint: number,
    result: RequestResult,
    latencyNs: number,
    bytesRead: number,
    bytesWritten: number,
  ): void {
    if (this.#needsInFlight) Atomics.sub(this.#board.inFlight, endpoint, 1);
    this.#counters.count(endpoint, result !== 'succeeded', bytesRead, bytesWritten, latencyNs);
    this.#breakers.note(endpoint, result);
    if (this.#needsLatency && (result === 'succeeded' || result === 'failed')) {
      this.#averages.note(endpoint, latencyNs, result === 'failed');
    }
  }

  #choose(failed: ReadonlySet<number> | undefined): number {
    if (this.length === 1) return 0;
    if (failed !== undefined && failed.size > 0 && failed.size < this.length) {
      return this.#chooseExcept(failed);
    }
    return this.#breakers.probe() ?? this.#policy.next(this);
  }

  #chooseExcept(failed: ReadonlySet<number>): number {
    const view: EndpointView = {
      length: this.length,
      inFlight: (endpoint) => this.inFlight(endpoint),
      latencyNs: (endpoint) => this.latencyNs(endpoint),
      isIn: (endpoint) => !failed.has(endpoint) && this.isIn(endpoint),
    };
    const endpoint = this.#policy.next(view);
    if (view.isIn(endpoint)) return endpoint;
    // All others are out; that may have changed since.
    return this.endpoints.findIndex((_, other) => !failed.has(other));
  }

  /** Requests under way from all workers, for strategies that look at them. */
  inFlight(endpoint: number): number {
    return this.#board.inFlight[endpoint] ?? 0;
  }

  latencyNs(endpoint: number): number {
    return this.#averages.at(endpoint);
  }

  isIn(endpoint: number): boolean {
    return this.#breakers.isIn(endpoint);
  }
}

const POLICIES: Readonly<
  Record<
    SelectionStrategy,
    (options: EndpointPoolOptions, endpointCount: number) => SelectionPolicy
  >
> = {
  round_robin: ({ startAt }) => roundRobin(startAt),
  least_connections: ({ startAt }) => leastConnections(startAt),
  weighted: ({ startAt, weights }, endpointCount) =>
    weighted(weights ?? new Array<number>(endpointCount).fill(1), startAt),
  latency_aware: ({ random }) => latencyAware(random),
};
