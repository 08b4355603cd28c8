import type { Stage } from '@sai3bench/workload-config';
import { openSession } from '../phases/begin-stage.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { CONTROLLER } from '../run/run-outcome.ts';
import { summaryFromText } from '../stage/report-text.ts';
import type { StageSession } from '../stage/stage-session.ts';
import { StageStart } from '../stage/stage-start.ts';
import type { StartState } from './journal-entries.ts';
import type { LeftRun, LeftStage } from './left-run.ts';
import { restoreRows, restoreSummary } from './restore-session.ts';

/** Puts a run into the state that its controller has left it in. */
export function restoreRun(run: ActiveRun, left: LeftRun): void {
  const { stage } = left;
  run.record.beganAt(new Date(left.run.startedAt));
  for (const member of run.team.members) {
    member.process = left.run.processes[member.id];
    member.goesOnAlone = run.options.ownsAgents !== true;
  }
  const request = left.aborting?.request ?? undefined;
  if (request !== undefined) run.options.stop.request(request.reason, request.sentence);
  if (stage !== undefined) restoreStage(run, stage);
  if (left.failureHere === undefined) return;
  const failure = { ...left.failureHere, isLost: false, isForgiven: false };
  run.team.restoreFailure({ ...failure, agentId: CONTROLLER });
}

/** Puts it where it was in a stage, or between two. */
function restoreStage(run: ActiveRun, stage: LeftStage): void {
  const { index, outcome, prepared, recorded, team } = stage.entry;
  const { stages } = run.options.workload;
  run.stageIndex = Math.min(index, stages.length - 1);
  run.outcome = outcome ?? undefined;
  run.prepared = prepared;
  run.record.restore(recorded);
  run.team.enterStage(stages[run.stageIndex]?.name ?? '');
  run.team.restore(team);
  for (const each of stage.entries) {
    if (each.type === 'begun') run.team.restoreParticipants(each.participants, index);
    if (each.type !== 'failure') continue;
    run.team.restoreFailure(each);
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
  const session = openRestored(run, plan, entry.index, begun);
  const rows = left.progress?.stage === entry.index ? left.progress.rows : undefined;
  restoreRows(session, rows ?? undefined);
  for (const { agentId, bytes, stage: index } of summaries) {
    if (index !== entry.index || !begun.participants.includes(agentId)) continue;
    restoreSummary(session, agentId, summaryFromText(bytes));
  }
  return session;
}

/** The session of a stage that another controller has begun, as it was at its start. */
export function openRestored(
  run: ActiveRun,
  stage: Stage,
  index: number,
  { atMs, clockErrorsMs, participants }: StartState,
): StageSession {
  const members = run.team.members.filter(({ id }) => participants.includes(id));
  const start = new StageStart(run.instantOf(atMs), atMs, Object.entries(clockErrorsMs));
  return openSession(run, stage, index, members, start);
}
