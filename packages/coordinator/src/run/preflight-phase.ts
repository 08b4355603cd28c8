import type { PlainFinding } from '@sai3bench/barrier-protocol';
import { BenchError, summarizeError } from '@sai3bench/errors';
import type { ActiveRun } from './active-run.ts';
import { findingError } from './agent-errors.ts';
import type { ForwardedCredentials } from './forwarded-credentials.ts';
import type { AgentMember } from './agent-member.ts';

/** Runs the checks of all agents' plans, all at once; returns whether none found an error. */
export async function checkStorage(run: ActiveRun): Promise<boolean> {
  const { credentials, observer, stop } = run.options;
  const { members } = run.team;
  observer.preflightStarted();
  const cancel = new AbortController();
  const checks = members.map((member) => findingsOf(member, credentials, cancel.signal));
  const findings = await stop.race(Promise.all(checks));
  cancel.abort();
  if (findings === undefined) return false;
  observer.preflightEnded(new Map(members.map(({ id }, index) => [id, findings[index] ?? []])));
  for (const [index, member] of members.entries()) {
    for (const finding of findings[index] ?? []) {
      if (finding.level === 'error') run.team.failWork(member, findingError(finding));
    }
  }
  return !run.isOver;
}

/** What an agent's checks found; an agent that does not answer is a finding too. */
async function findingsOf(
  { link, plan }: AgentMember,
  credentials: ForwardedCredentials | undefined,
  signal: AbortSignal,
): Promise<PlainFinding[]> {
  const findings: PlainFinding[] = [];
  try {
    for await (const finding of link.preflight(JSON.stringify(plan), signal, credentials)) {
      findings.push(finding);
    }
  } catch (error) {
    const { hint } = BenchError.from(error);
    findings.push({
      level: 'error',
      class: 'NET',
      check: 'agent',
      target: '',
      message: summarizeError(error),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return findings;
}
