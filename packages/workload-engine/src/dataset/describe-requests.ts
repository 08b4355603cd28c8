import { formatCount } from '@sai3bench/units';

/** What was asked of an endpoint besides what was measured. */
export interface EndpointRequests {
  readonly address: string;
  readonly requests: number;
  /** Of which the endpoint could not do what it was asked for, or did not answer. */
  readonly failures: number;
}

/** Endpoints with failures that are named. */
const NAMED = 5;

/** A line about what was asked of endpoints outside of stages; undefined where there is no choice, or nothing was. */
export function describeRequests(endpoints: readonly EndpointRequests[]): string | undefined {
  const requests = endpoints.reduce((sum, endpoint) => sum + endpoint.requests, 0);
  if (endpoints.length < 2 || requests === 0) return undefined;
  const failing = endpoints
    .filter(({ failures }) => failures > 0)
    .sort((one, other) => other.failures - one.failures);
  const named = failing
    .slice(0, NAMED)
    .map(({ address, failures }) => `${formatCount(failures)} at ${address}`);
  if (failing.length > NAMED) named.push(`others at ${formatCount(failing.length - NAMED)} more`);
  const failed = named.length === 0 ? 'none failed' : `failed: ${named.join(', ')}`;
  return `Outside of stages: ${formatCount(requests)} requests to ${formatCount(endpoints.length)} endpoints, ${failed}`;
}
