import { partition } from '@sai3bench/datagen';
import type { EnsureObjects, Workload } from '../workload.ts';
import type { PoolPlan } from './agent-plan.ts';
import { PlanProblem } from './plan-problem.ts';
import type { StoreTable } from './store-table.ts';

/** An agent's place among those that share a dataset. */
export interface AgentShare {
  readonly index: number;
  readonly count: number;
}

/**
 * The pools of a workload: one for each entry of `ensure_objects`, and a second one, for deletion only,
 * when the mix both deletes and reads, so that no read meets a deleted object.
 */
export function planPools(workload: Workload, stores: StoreTable, share: AgentShare): PoolPlan[] {
  const names: PoolPlan['name'][] = deletesAndReads(workload)
    ? ['prepared', 'deletable']
    : ['prepared'];
  const places = new Map<string, number>();
  return workload.ensureObjects.flatMap((entry, index) => {
    const where = ['prepare', 'ensure_objects', index];
    const place = stores.locate(directoryOf(entry), where);
    const id = `${String(place.store)} ${place.path}`;
    const earlier = places.get(id);
    if (earlier !== undefined) {
      throw new PlanProblem(
        where,
        `prepare.ensure_objects[${String(index)}] would create the same names as ensure_objects[${String(earlier)}]: give it another base_uri`,
      );
    }
    places.set(id, index);
    return names.map((name) => ({
      store: place.store,
      name,
      prefix: place.path,
      count: entry.count,
      own: partition(entry.count, share.index, share.count),
      sizes: entry.sizes,
      fill: entry.fill,
      dedupFactor: entry.dedupFactor,
      compressFactor: entry.compressFactor,
    }));
  });
}

function deletesAndReads(workload: Workload): boolean {
  const ops = new Set(workload.operations.map(({ op }) => op));
  return ops.has('delete') && (ops.has('get') || ops.has('stat'));
}

function directoryOf(entry: EnsureObjects): string {
  const base = entry.baseUri ?? '';
  return base === '' || base.endsWith('/') ? base : `${base}/`;
}
