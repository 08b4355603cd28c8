import { summaryFromBytes } from '@sai3bench/barrier-protocol';
import { fromErrorRecord } from '@sai3bench/errors';
import type { ActiveRun } from '../run/active-run.ts';
import type { AgentMember } from '../run/agent-member.ts';
import { openSession } from '../run/begin-stage.ts';
import type { StageSession } from '../run/stage-session.ts';
import type { LeftRun, LeftStage } from './left-run.ts';

/** Puts a run into the state that its controller has left it in. */
export function restoreRun(run: ActiveRun, left: LeftRun): void {
  const { stage } = left;
  run.record.beganAt(new Date(left.run.startedAt));
  if (stage === undefined) return;
  const { index, prepared, recorded, team } = stage.entry;
  run.stageIndex = index;
  run.prepared = prepared;
  run.record.restore(recorded);
  run.team.enterStage(run.options.workload.stages[index]?.name ?? '');
  run.team.restore(team);
  for (const { agentId, error, isLost, stage: name } of stage.failures) {
    run.team.restoreFailure(agentId, name, fromErrorRecord(error), isLost);
  }
  run.options.results.journal.beginStage(...stage.entries);
}

/** The session of a stage that had begun, with what agents have reported of it and need not report again. */
export function restoreSession(
  run: ActiveRun,
  left: LeftRun,
  stage: LeftStage,
): StageSession | undefined {
  const { begun, entry, summaries } = stage;
  const plan = run.options.workload.stages[entry.index];
  if (begun === undefined || plan === undefined) return undefined;
  const { atMs, clockErrorsMs, participants } = begun;
  const errors = new Map(Object.entries(clockErrorsMs));
  const session = openSession(run, plan, entry.index, membersWith(run, participants), {
    instantNs: run.instantOf(atMs),
    atMs,
    clockErrorsMs: errors,
    worstErrorMs: Math.max(0, ...errors.values()),
  });
  const rows = left.progress?.stage === entry.index ? left.progress.rows : undefined;
  session.restoreRows(rows ?? undefined);
  for (const { agentId, bytes, stage: index } of summaries) {
    if (index !== entry.index || !participants.includes(agentId)) continue;
    session.restoreSummary(agentId, summaryFromBytes(Buffer.from(bytes, 'base64')));
  }
  return session;
}

function membersWith(run: ActiveRun, ids: readonly string[]): AgentMember[] {
  return run.team.members.filter(({ id }) => ids.includes(id));
}
