export { BREAKER_INPUTS, BREAKER_STATES, DEFAULT_BREAKER, stepBreaker } from './circuit-breaker.ts';
export { allocateEndpointBoard, endpointBoard } from './endpoint-board.ts';
export { allocateEndpointCounters, EndpointCounters } from './endpoint-counters.ts';
export { endpointOfKey } from './endpoint-of-key.ts';
export { EndpointPool } from './endpoint-pool.ts';
export { latencyAware } from './latency-aware.ts';
export { leastConnections } from './least-connections.ts';
export { roundRobin } from './round-robin.ts';
export { SELECTION_STRATEGIES } from './selection-policy.ts';
export { SharedBreakers } from './shared-breakers.ts';
export { weighted } from './weighted.ts';

export type { Breaker, BreakerInput, BreakerSettings, BreakerState } from './circuit-breaker.ts';
export type { EndpointBoard } from './endpoint-board.ts';
export type { EndpointTotals } from './endpoint-counters.ts';
export type { EndpointPoolOptions } from './endpoint-pool.ts';
export type { RequestResult } from './request-result.ts';
export type { EndpointView, SelectionPolicy, SelectionStrategy } from './selection-policy.ts';
