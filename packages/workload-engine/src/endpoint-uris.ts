import { parseStoreUri, type StoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config/plan';

/** The addresses of a store's endpoints; none where a plan has no such store. */
export function endpointUris({ stores }: Pick<AgentPlan, 'stores'>, store: number): StoreUri[] {
  return (stores[store]?.endpoints ?? []).map(parseStoreUri);
}
