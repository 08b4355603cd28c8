import { DEFAULT_BREAKER, SELECTION_STRATEGIES } from '@sai3bench/multi-endpoint';
import { z } from 'zod';
import { NAMESPACES } from '../workload/workload.ts';
import { count, storeAddress, waitingTime } from './scalars.ts';

/** Most endpoints of one store. */
const MAX_ENDPOINTS = 1024;
/** Turns are dealt in proportion to the weights, from a list that stays short with weights up to this. */
const MAX_WEIGHT = 100;

const SPELLINGS: Readonly<Record<string, (typeof SELECTION_STRATEGIES)[number]>> = {
  roundrobin: 'round_robin',
  leastconnections: 'least_connections',
  latencyaware: 'latency_aware',
};

const endpointWeight = count.refine(
  (value) => value >= 1 && value <= MAX_WEIGHT,
  `must be from 1 to ${String(MAX_WEIGHT)}; leave out an endpoint that is to get nothing`,
);

/** An address alone, or with its weight. */
const endpoint = z.union(
  [storeAddress, z.strictObject({ uri: storeAddress, weight: endpointWeight.optional() })],
  { error: 'must be an address such as s3://10.0.0.11:9000/bench/, or {uri: address, weight: 2}' },
);

/** When an endpoint that fails is taken out, and when it is tried again. */
const circuitBreaker = z.strictObject({
  failures: count.default(DEFAULT_BREAKER.failures),
  pause: waitingTime.default(DEFAULT_BREAKER.pauseMs),
  longest_pause: waitingTime.default(DEFAULT_BREAKER.longestPauseMs),
});

/** Several endpoints, and how requests are spread over them. */
export const multiEndpoint = z.strictObject({
  namespace: z.enum(NAMESPACES).default('shared'),
  strategy: z
    .preprocess(
      (value) =>
        typeof value === 'string' ? (SPELLINGS[value.toLowerCase()] ?? value.toLowerCase()) : value,
      z.enum(SELECTION_STRATEGIES),
    )
    .default('round_robin'),
  endpoints: z
    .array(endpoint)
    .min(1, 'must name at least one endpoint')
    .max(MAX_ENDPOINTS, `must not name more than ${String(MAX_ENDPOINTS)} endpoints`)
    .refine(
      (endpoints) => new Set(endpoints.map(addressOfEndpoint)).size === endpoints.length,
      'names an endpoint twice',
    ),
  circuit_breaker: circuitBreaker.optional(),
});

export type MultiEndpointInput = z.output<typeof multiEndpoint>;
export type EndpointInput = z.output<typeof endpoint>;

/** The address of an endpoint, however it is written. */
export function addressOfEndpoint(input: EndpointInput): string {
  return typeof input === 'string' ? input : input.uri;
}
