import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { CheckName, Finding } from './finding.ts';
import type { ProbeOwner } from './probe-names.ts';

/** What all checks of one plan have in common. */
export interface CheckContext {
  readonly plan: AgentPlan;
  /** Part of the names of all that is written. */
  readonly probeId: string;
  /** Ends the checks: what they have written is removed then, and nothing new is begun. */
  readonly signal: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
  /** Told what is about to be checked, so that a check that never ends can be named. */
  readonly onChecking: (what: string, check: CheckName) => void;
}

/** Under whose name probes are written. */
export function ownerOf({ plan, probeId }: Pick<CheckContext, 'plan' | 'probeId'>): ProbeOwner {
  return { probeId, agentId: plan.agentId };
}
