import type { PlainFinding, PlainPreflight, PlainSharing } from '@sai3bench/barrier-protocol';
import { BenchError, type ErrorClass, summarizeError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { AgentLink } from '../link/agent-link.ts';

/** An agent whose plan is checked. */
export interface CheckedAgent {
  readonly id: string;
  readonly plan: AgentPlan;
  readonly link: Pick<AgentLink, 'preflight'>;
}

/** What was found, by the ids of the agents. */
export type FindingsOfAgents = ReadonlyMap<string, readonly PlainFinding[]>;

/** What is asked of an agent. */
export function questionFor(
  { plan }: CheckedAgent,
  probeId: string,
  sharing: PlainSharing | undefined,
): PlainPreflight {
  return { planJson: JSON.stringify(plan), probeId, sharing };
}

/** Of most errors it is the link that is to blame. */
const CLASSES: Readonly<Partial<Record<ErrorClass, string>>> = {
  config: 'CONFIG',
  auth: 'AUTH',
  permission: 'PERM',
  resource: 'RESOURCE',
  internal: 'SYSTEM',
};

/** That an agent could not be asked, cannot take part, or did not answer to the end. */
export function agentFinding(error: unknown): PlainFinding {
  const { class: kind, hint } = BenchError.from(error);
  return {
    ...{ level: 'error', class: CLASSES[kind] ?? 'NET', check: 'agent', target: '' },
    message: summarizeError(error),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Whether findings keep a run from starting. */
export function hasErrors(findings: readonly PlainFinding[]): boolean {
  return findings.some(({ level }) => level === 'error');
}
