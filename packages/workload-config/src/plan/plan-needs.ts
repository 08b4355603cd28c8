import { meanSizeBytes } from '@sai3bench/datagen';
import type { AgentPlan } from './agent-plan.ts';
import { planPlaces } from './plan-places.ts';

/** What a plan will do to one of its stores: what a check before the run must ask for, and no more. */
export interface StoreNeeds {
  readonly read: boolean;
  readonly write: boolean;
  readonly list: boolean;
  readonly remove: boolean;
  /** Estimate of the bytes that prepare will write. */
  readonly prepareBytes: number;
}

/** The needs of a plan, by store. */
export function storeNeeds(plan: AgentPlan): StoreNeeds[] {
  const prepares = plan.stages.some(({ kind }) => kind === 'prepare');
  const places = planPlaces(plan);
  return plan.stores.map((_, store) => {
    const ofStore = places.filter((place) => place.store === store);
    const pools = plan.pools.filter((pool) => pool.store === store);
    return {
      read: ofStore.some(({ read }) => read),
      write: ofStore.some(({ write }) => write),
      list: ofStore.some(({ list }) => list),
      remove: ofStore.some(({ remove }) => remove),
      prepareBytes: prepares
        ? pools.reduce(
            (sum, { own, sizes }) => sum + (own.end - own.begin) * meanSizeBytes(sizes),
            0,
          )
        : 0,
    };
  });
}
