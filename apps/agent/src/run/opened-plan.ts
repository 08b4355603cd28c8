import { type AgentPlan, parseAgentPlan } from '@sai3bench/workload-config';
import {
  chooseWorkers,
  layOutThreads,
  readCpuLimits,
  type ThreadLayout,
} from '@sai3bench/workload-engine';

/** What an agent is to do, and the threads that do it on this host. */
export interface OpenedPlan {
  readonly plan: AgentPlan;
  readonly layout: ThreadLayout;
}

/**
 * @param workers worker threads to use, where the plan leaves the choice
 * @throws BenchError `PLAN_INVALID` when the plan cannot be understood
 */
export function openPlan(planJson: string, workers: number | undefined): OpenedPlan {
  const plan = parseAgentPlan(planJson);
  return { plan, layout: layOutThreads(plan, chooseWorkers(workers, readCpuLimits())) };
}
