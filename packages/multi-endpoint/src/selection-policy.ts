/** What a policy may know of the endpoints, by endpoint number. */
export interface EndpointView {
  readonly length: number;
  /** Requests under way. */
  inFlight(endpoint: number): number;
  /** How long requests took lately, in ns; 0 when that is not known. */
  latencyNs(endpoint: number): number;
  /** Whether it takes requests; at least one endpoint does. */
  isIn(endpoint: number): boolean;
}

/** Decides where the next request goes. Policies keep their own position and do no I/O. */
export interface SelectionPolicy {
  /** The number of the endpoint to use next, one that is in. */
  next(view: EndpointView): number;
}

export const SELECTION_STRATEGIES = [
  'round_robin',
  'least_connections',
  'weighted',
  'latency_aware',
] as const;

export type SelectionStrategy = (typeof SELECTION_STRATEGIES)[number];
