import type { JsonValue, MetadataCache } from '@sai3bench/metadata-cache';
import type { AgentPlan } from '@sai3bench/workload-config/plan';

/** Which run made the latest objects of a pool, and by way of which endpoints. */
export interface PoolOrigin {
  readonly runId: string;
  /** When the run began, ISO 8601. */
  readonly startedAt: string;
  readonly endpoints: readonly string[];
}

/** What a cache remembers of the making of a pool; undefined when that is nothing. */
export function originIn(cache: MetadataCache, identity: string): PoolOrigin | undefined {
  const value = cache.value(nameOf(identity));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { endpoints, runId, startedAt } = value as Readonly<Record<string, JsonValue | undefined>>;
  const isComplete =
    typeof runId === 'string' &&
    typeof startedAt === 'string' &&
    Array.isArray(endpoints) &&
    endpoints.every((endpoint) => typeof endpoint === 'string');
  return isComplete ? { runId, startedAt, endpoints } : undefined;
}

/** Remembers who made a pool, or forgets it. */
export async function putOrigin(
  cache: MetadataCache,
  identity: string,
  origin: PoolOrigin | undefined,
): Promise<void> {
  if (origin === undefined && cache.value(nameOf(identity)) === undefined) return;
  const value = origin === undefined ? undefined : { ...origin, endpoints: [...origin.endpoints] };
  await cache.putValue(nameOf(identity), value);
}

/** What to say of objects that were made by way of other endpoints than a plan has; undefined when it has the same. */
export function describeOtherOrigin(
  origin: PoolOrigin,
  { store }: AgentPlan['pools'][number],
  plan: AgentPlan,
): string | undefined {
  const endpoints = plan.stores[store]?.endpoints ?? [];
  const before = [...origin.endpoints].sort();
  if (JSON.stringify(before) === JSON.stringify([...endpoints].sort())) return undefined;
  return `made by run ${origin.runId} of ${origin.startedAt}, by way of ${before.join(', ')}`;
}

function nameOf(identity: string): string {
  return `made-by ${identity}`;
}
