import type { AgentPlan } from '@sai3bench/workload-config';
import { layOutThreads } from '../host/thread-layout.ts';
import { checkPlan } from '../preflight/check-plan.ts';
import type { Finding } from '../preflight/finding.ts';
import { planOf } from './run-plan.ts';

/** Under which id the probes of tests are written. */
export const PROBE_ID = 'a1b2c3';

/** A workload that writes, and one that only reads. */
export const PUT = 'duration: 1s\nworkload: [{op: put, path: n/, object_size: 1, weight: 1}]';
export const GET = 'duration: 1s\nworkload: [{op: get, path: "x-*", weight: 1}]';

/** What the checks of a plan find. */
export async function findingsOfPlan(
  plan: AgentPlan,
  signal: AbortSignal = new AbortController().signal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const context = {
    ...{ plan, probeId: PROBE_ID, signal },
    onFinding: (finding: Finding) => {
      findings.push(finding);
    },
    onChecking: () => undefined,
  };
  await checkPlan(context, layOutThreads(plan, { workers: 2, reason: 'test' }));
  return findings;
}

export const findingsOf = (yaml: string): Promise<Finding[]> => findingsOfPlan(planOf(yaml));

/** Those that keep a run from starting. */
export const errorsOf = async (yaml: string): Promise<Finding[]> =>
  (await findingsOf(yaml)).filter(({ level }) => level === 'error');

/** Those that somebody has to do something about. */
export const troublesOf = async (yaml: string): Promise<Finding[]> =>
  (await findingsOf(yaml)).filter(({ level }) => level === 'error' || level === 'warning');
