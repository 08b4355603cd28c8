import { DirectoryTree, type IndexRange } from '@sai3bench/datagen';
import { isFileUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../endpoint-uris.ts';

/** A directory that a prepare stage makes. */
export interface TreeDirectory {
  readonly pool: number;
  readonly store: number;
  readonly key: string;
  /** Where it is made; undefined where any endpoint will do. */
  readonly endpoint: number | undefined;
}

/** Directories of one level of a pool's tree, each at every endpoint that has objects of its own. */
interface Level {
  /** Position of the first. */
  readonly begin: number;
  readonly pool: number;
  readonly store: number;
  readonly range: IndexRange;
  /** Of how many endpoints each directory is made at one; 0 where any endpoint will do. */
  readonly endpoints: number;
  readonly keyOf: (directory: number) => string;
}

/** Whether a pool has a tree of directories on a store of files. Elsewhere a directory is only a part of a key. */
export function hasDirectories(plan: AgentPlan, pool: number): boolean {
  const { naming, store = -1 } = plan.pools[pool] ?? {};
  return naming?.type === 'tree' && endpointUris(plan, store).every(isFileUri);
}

/**
 * The agent's share of the directories of trees, as one range of numbers: in the order in which to make them, those that others
 * lie in first. Nothing is kept of them.
 */
export class TreeDirectories {
  readonly total: number;
  readonly #levels: readonly Level[];

  /** @param pools which have their trees made */
  constructor(plan: AgentPlan, pools: readonly number[]) {
    const levels: Level[] = [];
    let begin = 0;
    for (const pool of pools) {
      for (const level of levelsOf(plan, pool)) {
        levels.push({ ...level, begin });
        begin += (level.range.end - level.range.begin) * Math.max(1, level.endpoints);
      }
    }
    this.#levels = levels;
    this.total = begin;
  }

  /** Directory number `position`, 0 to `total` - 1. */
  at(position: number): TreeDirectory {
    const level = this.#levels.findLast(({ begin }) => begin <= position);
    if (level === undefined || position >= this.total) {
      throw new RangeError(`there is no directory number ${String(position)}`);
    }
    const { begin, endpoints, keyOf, pool, range, store } = level;
    const number = Math.floor((position - begin) / Math.max(1, endpoints));
    return {
      ...{ pool, store, key: keyOf(range.begin + number) },
      endpoint: endpoints === 0 ? undefined : (position - begin) % endpoints,
    };
  }
}

function levelsOf(plan: AgentPlan, pool: number): Omit<Level, 'begin'>[] {
  const { naming, prefix = '', store = -1 } = plan.pools[pool] ?? {};
  if (naming?.type !== 'tree') return [];
  const tree = new DirectoryTree(naming);
  const { endpoints, namespace } = plan.stores[store] ?? { endpoints: [], namespace: 'shared' };
  const { count, index } = plan.share;
  return Array.from({ length: naming.depth }, (_, above) => ({
    ...{ pool, store, range: tree.ownDirectories(above + 1, index, count) },
    endpoints: namespace === 'separate' ? endpoints.length : 0,
    keyOf: (directory) => prefix + tree.pathOf(directory).slice(0, -1),
  }));
}
