import type { RunFailure } from '../run/run-outcome.ts';
import type { StageTally } from './stage-tally.ts';

/**
 * Ids of agents that have failed in a stage: what goes wrong with one that has completed it is none of the stage.
 *
 * @param failures of the run while it was at the stage
 */
export function failedAgents(tally: StageTally, failures: readonly RunFailure[]): Set<string> {
  const ids = failures.map(({ agentId }) => agentId);
  return new Set(ids.filter((id) => tally.agents.get(id)?.summary?.outcome !== 'completed'));
}
