import { SELECTION_STRATEGIES } from '@sai3bench/multi-endpoint';
import { z } from 'zod';
import { storeAddress } from './scalars.ts';

/** Most endpoints of one namespace. */
const MAX_ENDPOINTS = 1024;

const SPELLINGS: Readonly<Record<string, (typeof SELECTION_STRATEGIES)[number]>> = {
  roundrobin: 'round_robin',
  leastconnections: 'least_connections',
};

/** Endpoints that show one namespace, and how requests are spread over them. */
export const multiEndpoint = z.strictObject({
  strategy: z
    .preprocess(
      (value) =>
        typeof value === 'string' ? (SPELLINGS[value.toLowerCase()] ?? value.toLowerCase()) : value,
      z.enum(SELECTION_STRATEGIES),
    )
    .default('round_robin'),
  endpoints: z
    .array(storeAddress)
    .min(1, 'must name at least one endpoint')
    .max(MAX_ENDPOINTS, `must not name more than ${String(MAX_ENDPOINTS)} endpoints`)
    .refine((endpoints) => new Set(endpoints).size === endpoints.length, 'names an endpoint twice'),
});

export type MultiEndpointInput = z.output<typeof multiEndpoint>;
