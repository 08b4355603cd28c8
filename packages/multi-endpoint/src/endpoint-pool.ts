import type { EndpointCounters, SharedInFlight } from './endpoint-counters.ts';
import { leastConnections } from './least-connections.ts';
import { roundRobin } from './round-robin.ts';
import type { SelectionPolicy, SelectionStrategy } from './selection-policy.ts';

/** How to make an {@link EndpointPool}. */
export interface EndpointPoolOptions {
  readonly strategy: SelectionStrategy;
  /** Which endpoint this worker starts at. */
  readonly startAt: number;
  readonly inFlight: SharedInFlight;
  readonly counters: EndpointCounters;
}

/**
 * Spreads requests over endpoints that show one namespace, and counts what goes where. What an endpoint
 * is, is the caller's business: the pool deals in their numbers.
 */
export class EndpointPool<Endpoint> {
  readonly endpoints: readonly Endpoint[];
  readonly #policy: SelectionPolicy;
  readonly #inFlight: SharedInFlight;
  readonly #counters: EndpointCounters;

  constructor(endpoints: readonly Endpoint[], options: EndpointPoolOptions) {
    this.endpoints = endpoints;
    this.#policy = POLICIES[options.strategy](options.startAt);
    this.#inFlight = options.inFlight;
    this.#counters = options.counters;
  }

  /** Chooses an endpoint for a request that starts now; each call is followed by one {@link release}. */
  acquire(): number {
    const endpoint = this.endpoints.length === 1 ? 0 : this.#policy.next(this.#inFlight);
    this.#inFlight.add(endpoint, 1);
    return endpoint;
  }

  /** Counts the request that {@link acquire} chose `endpoint` for. */
  release(endpoint: number, failed: boolean, bytesRead: number, bytesWritten: number): void {
    this.#inFlight.add(endpoint, -1);
    this.#counters.count(endpoint, failed, bytesRead, bytesWritten);
  }
}

const POLICIES: Readonly<Record<SelectionStrategy, (startAt: number) => SelectionPolicy>> = {
  round_robin: roundRobin,
  least_connections: leastConnections,
};
