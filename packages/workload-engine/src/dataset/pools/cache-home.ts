import { join } from 'node:path';
import { BenchError, summarizeError } from '@sai3bench/errors';
import { MetadataCache } from '@sai3bench/metadata-cache';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../../endpoint-uris.ts';
import type { Notify } from '../notify.ts';
import { readBootId } from './boot-id.ts';
import { cacheName, defaultCacheDirectory, orphanedCaches } from './cache-directory.ts';
import { placeTag } from './pool-identity.ts';

/** The caches on this host that a run works with. */
export interface CacheHome {
  /** Directory of the agent's own cache. */
  readonly directory: string;
  readonly own: MetadataCache;
  /** Caches of agents that take no part in the run; closed once what they know is taken over. */
  readonly siblings: readonly MetadataCache[];
  /** Where those are. */
  readonly siblingDirectories: readonly string[];
}

/**
 * Opens the agent's cache, and those of agents that take no part in the run; undefined where the plan wants no cache or
 * has nothing that lasts.
 *
 * @throws BenchError where the cache cannot be used: another process has it, or its directory is on a network
 */
export async function openCacheHome(
  plan: AgentPlan,
  agentIds: readonly string[],
  notify: Notify,
): Promise<CacheHome | undefined> {
  if (!plan.metadataCache.enabled || !hasLastingObjects(plan)) return undefined;
  const parent = plan.metadataCache.directory ?? defaultCacheDirectory(process.env);
  const tag = placeTag(plan);
  const directory = join(parent, cacheName(plan.agentId, tag));
  const bootId = readBootId();
  const now = (): Date => new Date();
  const own = await MetadataCache.open({ directory, bootId, now });
  const { setAside, takenOverFrom } = own.opening;
  if (setAside !== undefined) {
    notify(
      'warn',
      `⚠ The cache could not be used, objects are verified instead; it is kept as ${setAside.path}: ${summarizeError(setAside.cause)}`,
    );
  }
  if (takenOverFrom !== undefined) {
    notify('info', `The cache was left by process ${String(takenOverFrom.pid)}, which is gone`);
  }
  const siblings: MetadataCache[] = [];
  const siblingDirectories: string[] = [];
  for (const sibling of orphanedCaches(parent, tag, agentIds)) {
    try {
      siblings.push(await MetadataCache.open({ directory: sibling, bootId, now }));
      siblingDirectories.push(sibling);
    } catch (error) {
      // Another agent of this host reads it, or it belongs to somebody else.
      if (!BenchError.is(error)) throw error;
    }
  }
  return { directory, own, siblings, siblingDirectories };
}

function hasLastingObjects(plan: AgentPlan): boolean {
  return plan.pools.some(({ store }) =>
    endpointUris(plan, store).some(({ scheme }) => scheme !== 'null'),
  );
}
