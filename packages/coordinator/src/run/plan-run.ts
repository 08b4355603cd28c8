import { type AgentPlan, planAgent, type Workload } from '@sai3bench/workload-config';
import type { RosterEntry } from '../roster/roster.ts';

/**
 * What each agent of a run is to do, in the order of the roster.
 *
 * @throws BenchError `CONFIG_INVALID` when the workload cannot be carried out as written
 */
export function planRun(
  workload: Workload,
  agents: readonly RosterEntry[],
  run: { readonly runId: string; readonly dataSeed: string },
): AgentPlan[] {
  return agents.map(({ entry, id }, agentIndex) =>
    planAgent(workload, { agentId: id, agentIndex, agentCount: agents.length, entry, ...run }),
  );
}
