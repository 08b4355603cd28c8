/** Requests under way at each endpoint, by endpoint number. */
export interface InFlightCounts {
  readonly length: number;
  at(endpoint: number): number;
}

/** Decides where the next request goes. Policies keep their own position and do no I/O. */
export interface SelectionPolicy {
  /** The number of the endpoint to use next, 0 to `inFlight.length` - 1. */
  next(inFlight: InFlightCounts): number;
}

export const SELECTION_STRATEGIES = ['round_robin', 'least_connections'] as const;

export type SelectionStrategy = (typeof SELECTION_STRATEGIES)[number];
