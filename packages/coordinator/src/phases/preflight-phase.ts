import { findingError } from '../link/agent-errors.ts';
import { sharingOf } from '../preflight/judge-sharing.ts';
import { PREFLIGHT_LIMIT_MS, preflightAgents } from '../preflight/preflight-agents.ts';
import { preflightRows } from '../preflight/preflight-rows.ts';
import type { ActiveRun } from '../run/active-run.ts';

/** Runs the checks of all agents' plans, all at once; returns whether none found an error. */
export async function checkStorage(run: ActiveRun): Promise<boolean> {
  const { credentials, observer, results, runId, stop, workload } = run.options;
  const { members } = run.team;
  observer.preflightStarted();
  const cancel = new AbortController();
  const checks = preflightAgents(members, {
    probeId: runId,
    sharing: sharingOf(workload, members.length),
    credentials,
    limitMs: PREFLIGHT_LIMIT_MS,
    signal: cancel.signal,
  });
  const findings = await stop.race(checks);
  cancel.abort();
  if (findings === undefined) return false;
  results.writePreflight(preflightRows(findings));
  observer.preflightEnded(findings);
  for (const member of members) {
    for (const finding of findings.get(member.id) ?? []) {
      if (finding.level === 'error') run.team.failWork(member, findingError(finding));
    }
  }
  return !run.isOver;
}
