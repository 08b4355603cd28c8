import { forwardedEndpoint, type PlainFinding } from '@sai3bench/barrier-protocol';
import { BenchError, summarizeError } from '@sai3bench/errors';
import { parseAgentPlan } from '@sai3bench/workload-config';
import type { AgentLog } from '../console/agent-log.ts';
import { refusePrograms } from '../custom/program-findings.ts';
import { type Bringer, type Credentials, takeCredentials } from '../secrets/credentials.ts';
import type { AllowList } from './allow-list.ts';

/** What an agent was told when it was started about what plans may do. */
export interface AdmissionSettings {
  /** The places that plans may use. */
  readonly allowed: AllowList;
  /** Whether plans may run programs. */
  readonly allowExec: boolean;
  /** Whether nobody on the way can read what controllers send. */
  readonly isPrivate: boolean;
}

/**
 * Looks whether a plan may be carried out on this agent, and takes the credentials that came with it.
 *
 * @throws BenchError of class `permission` when it may not
 */
export async function admit(
  request: Bringer & { readonly planJson: string },
  { allowed, allowExec, isPrivate }: AdmissionSettings,
  log: AgentLog,
): Promise<Credentials> {
  try {
    const credentials = takeCredentials(request, isPrivate);
    const plan = parseAgentPlan(request.planJson);
    await allowed.check(
      plan,
      forwardedEndpoint((name) => credentials.get(name)?.expose()),
    );
    refusePrograms(plan, allowExec);
    return credentials;
  } catch (error) {
    const refusal = BenchError.from(error);
    if (refusal.class === 'permission') log.warn(`Refused a plan: ${summarizeError(refusal)}`);
    throw refusal;
  }
}

/** A refusal as a finding of the checks before a run. */
export function notAllowed({ hint, message }: BenchError): PlainFinding {
  return {
    level: 'error',
    class: 'PERM',
    check: 'allowed',
    target: '',
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}
