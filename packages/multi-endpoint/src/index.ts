export {
  allocateEndpointCounters,
  allocateInFlight,
  EndpointCounters,
  SharedInFlight,
} from './endpoint-counters.ts';
export { EndpointPool } from './endpoint-pool.ts';
export { leastConnections } from './least-connections.ts';
export { roundRobin } from './round-robin.ts';
export { SELECTION_STRATEGIES } from './selection-policy.ts';

export type { EndpointTotals } from './endpoint-counters.ts';
export type { EndpointPoolOptions } from './endpoint-pool.ts';
export type { InFlightCounts, SelectionPolicy, SelectionStrategy } from './selection-policy.ts';
