import { identityOf } from '@sai3bench/metadata-cache';
import { type AgentPlan, locationOf, type PoolPlan } from '@sai3bench/workload-config/plan';

/**
 * What tells the objects of a pool from all others: where they are, what they are called, how large they are and what
 * is in them. Not how many there are, so that a dataset can grow, not which hosts or how many endpoints show it, and not
 * which other pools there are.
 *
 * @returns a SHA-256 in hexadecimal
 */
export function poolIdentity(pool: PoolPlan): string {
  const { compressFactor, dedupFactor, fill, location, name, naming, seed, sizes } = pool;
  return identityOf({
    ...{ location, name, naming, sizes },
    ...{ fill, dedupFactor, compressFactor, seed },
  });
}

/** What tells the caches of datasets at one place from those at another: a few letters and digits. */
export function placeTag({ stores: [store] }: AgentPlan): string {
  return identityOf(store === undefined ? [] : locationOf(store, '')).slice(0, 16);
}
