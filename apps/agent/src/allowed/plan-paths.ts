import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config';

/** A file or directory of the host that a plan names. */
export interface PlanPath {
  /** What the plan calls it. */
  readonly name: string;
  readonly path: string;
}

/** Key, or beginning of keys, behind the endpoints of a store. */
export interface PlanKey {
  readonly store: number;
  readonly key: string;
}

/** Every file and directory of the host that a plan names. */
export function planPaths(plan: AgentPlan): PlanPath[] {
  const { metadataCache, s3 } = plan;
  const others = [metadataCache.directory, s3?.tls?.caPath, s3?.tls?.certPath, s3?.tls?.keyPath];
  const named = others.flatMap((path) => (path === undefined ? [] : [{ name: path, path }]));
  const keys = planKeys(plan);
  const inStores = plan.stores.flatMap(({ endpoints }, index) => {
    const ofStore = keys.filter(({ store }) => store === index).map(({ key }) => key);
    return endpoints.flatMap((address) => pathsOf(address, ofStore));
  });
  return [...new Map([...inStores, ...named].map((each) => [each.path, each])).values()];
}

/** Whatever a plan puts behind the addresses of its stores. */
export function planKeys({ operations, pools }: AgentPlan): PlanKey[] {
  const ofOperations = operations.flatMap((operation) => {
    if ('prefix' in operation) return [{ store: operation.store, key: operation.prefix }];
    if (!('source' in operation)) return [];
    const { source } = operation;
    if (source.type === 'listing') return [{ store: source.store, key: source.prefix }];
    return source.type === 'key' ? [{ store: source.store, key: source.key }] : [];
  });
  return [...pools.map(({ prefix, store }) => ({ store, key: prefix })), ...ofOperations];
}

function pathsOf(address: string, keys: readonly string[]): PlanPath[] {
  const uri = parseStoreUri(address);
  if (!isFileUri(uri)) return [];
  const below = keys.map((key) => ({ name: uri.path + key, path: uri.path + key }));
  return [{ name: address, path: uri.path }, ...below];
}
