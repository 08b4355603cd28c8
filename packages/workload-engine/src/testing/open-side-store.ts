import { allocateEndpointBoard } from '@sai3bench/multi-endpoint';
import type { AgentPlan } from '@sai3bench/workload-config';
import { SideStore } from '../dataset/side-store/side-store.ts';

/** The first store of a plan, whose endpoints nobody else uses. */
export async function openSideStore(
  plan: AgentPlan,
  board = allocateEndpointBoard(plan.stores[0]?.endpoints.length ?? 0),
): Promise<SideStore> {
  const [storePlan] = plan.stores;
  if (storePlan === undefined) throw new RangeError('the plan has no store');
  return SideStore.open(storePlan, { s3: plan.s3, maxInFlight: 8, board, startAt: 0 });
}
