import { BenchError } from '@sai3bench/errors';
import { allocateObjectStates, ObjectStates, restoreStates } from '@sai3bench/metadata-cache';
import { joinUri } from '@sai3bench/store-uri';
import { formatCount } from '@sai3bench/units';
import {
  type AgentPlan,
  locationOf,
  type PoolPlan,
  seedAt,
  type StageKind,
} from '@sai3bench/workload-config/plan';
import { knownFromCache } from '../knowledge/known-states.ts';
import { agentOfCache } from '../pools/cache-directory.ts';
import type { CacheHome } from '../pools/cache-home.ts';
import { placeTag, poolIdentity } from '../pools/pool-identity.ts';

/** A cache that may know of objects. */
type KnownCache = CacheHome['own'];

/**
 * What this host's caches tell of objects that earlier runs of the same workload have made, and that this run, which deletes those
 * of earlier runs, does not reach: agents on separate storage have a
 * folder each, a single agent has none, so that another number of agents, or agents of other names, look in other places.
 *
 * @returns undefined where nothing is known to be left there
 */
export async function objectsElsewhere(
  plan: AgentPlan,
  home: CacheHome | undefined,
): Promise<BenchError | undefined> {
  if (home === undefined || !cleansUpAfterOthers(plan)) return undefined;
  const { own, siblingDirectories, siblings } = home;
  const caches = [own, ...siblings];
  const tag = placeTag(plan);
  const others = siblingDirectories.flatMap((directory) => agentOfCache(directory, tag) ?? []);
  const folders = ['', ...[plan.agentId, ...others].map((id) => `${id}/`)];
  const left: string[] = [];
  for (const pool of plan.pools) {
    for (const prefix of prefixesElsewhere(pool.prefix, plan.agentId, folders)) {
      const there = poolAt(plan, pool, prefix);
      const count = there === undefined ? 0 : await madeOf(poolIdentity(there), caches);
      if (count === 0) continue;
      const address = joinUri(plan.stores[pool.store]?.endpoints[0] ?? '', prefix);
      left.push(`${formatCount(count)} at ${address}${pool.name}-*`);
    }
  }
  if (left.length === 0) return undefined;
  return new BenchError(
    `objects that agents with other folders have made are left, because this run does not look there: ${left.join(', ')}`,
    {
      code: 'OBJECTS_ELSEWHERE',
      class: 'config',
      hint: 'clean up with the agents that made them: as many, by the same names, and with the same distributed.shared_filesystem; on separate storage each agent has a folder of its own, and one agent alone has none',
    },
  );
}

function cleansUpAfterOthers({ stages }: AgentPlan): boolean {
  const has = (kind: StageKind): boolean => stages.some((stage) => stage.kind === kind);
  return has('cleanup') && !has('prepare');
}

/** Where a pool would be in all folders but that of the plan. */
function prefixesElsewhere(
  prefix: string,
  agentId: string,
  folders: readonly string[],
): readonly string[] {
  const ownFolder = `${agentId}/`;
  const isSeparate = prefix.startsWith(ownFolder);
  const below = isSeparate ? prefix.slice(ownFolder.length) : prefix;
  const all = new Set(folders.map((folder) => `${folder}${below}`));
  all.delete(prefix);
  return [...all];
}

/** The pool as it would be in another folder: its contents depend on where it is. */
function poolAt({ dataSeed, stores }: AgentPlan, pool: PoolPlan, prefix: string) {
  const store = stores[pool.store];
  if (store === undefined) return undefined;
  const location = locationOf(store, prefix);
  return { ...pool, prefix, location, seed: seedAt(dataSeed, location, pool.name) };
}

/** How many objects of a pool caches say were made, and not deleted. */
async function madeOf(identity: string, caches: readonly KnownCache[]): Promise<number> {
  const sources = caches.flatMap((cache) => knownFromCache(cache, identity));
  const ranges = sources.flatMap(({ source }) => source.ranges);
  if (ranges.length === 0) return 0;
  const begin = Math.min(...ranges.map((range) => range.begin));
  const count = Math.max(...ranges.map(({ end }) => end)) - begin;
  const states = new ObjectStates(allocateObjectStates(count), count);
  await restoreStates(
    states,
    begin,
    sources.map(({ source }) => source),
  );
  return states.countOf('created');
}
