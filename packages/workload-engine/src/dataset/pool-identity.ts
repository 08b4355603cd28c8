import { identityOf } from '@sai3bench/metadata-cache';
import { parseStoreUri } from '@sai3bench/store-uri';
import type { AgentPlan, PoolPlan, StorePlan } from '@sai3bench/workload-config';

/**
 * What tells the objects of a pool from all others: where they are, what they are called, how large they are and what
 * is in them. Not how many there are, so that a dataset can grow, and not which hosts or how many endpoints show it.
 *
 * @returns a SHA-256 in hexadecimal
 */
export function poolIdentity(plan: AgentPlan, pool: PoolPlan): string {
  const store = plan.stores[pool.store];
  return identityOf({
    places: store === undefined ? [] : placesOf(store),
    prefix: pool.prefix,
    name: pool.name,
    naming: pool.naming,
    sizes: pool.sizes,
    fill: pool.fill,
    dedupFactor: pool.dedupFactor,
    compressFactor: pool.compressFactor,
    dataSeed: plan.dataSeed,
  });
}

/** Where a store is, whoever shows it. Where each object is at one endpoint, all of them together are the place. */
function placesOf({ endpoints, namespace }: StorePlan): string[] {
  const places = endpoints.map(placeOf);
  return namespace === 'separate' ? places : places.slice(0, 1);
}

function placeOf(address: string): string {
  const uri = parseStoreUri(address);
  switch (uri.scheme) {
    case 's3':
      return `s3:${uri.bucket}/${uri.prefix}`;
    case 'file':
    case 'direct':
      return `file:${uri.path}`;
    case 'null':
      return 'null:';
  }
}

/** What tells the caches of datasets at one place from those at another: a few letters and digits. */
export function placeTag(plan: AgentPlan): string {
  const [store] = plan.stores;
  return identityOf(store === undefined ? [] : placesOf(store)).slice(0, 16);
}
