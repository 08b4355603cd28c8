import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import { closeLateStage } from '../phases/close-stage.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { statsFromText, summaryFromText } from '../stage/report-text.ts';
import type { LeftRun, LeftStage } from './left-run.ts';
import { openRestored } from './restore-run.ts';
import { restoreProgress, restoreRows, restoreSummary, restoreWritten } from './restore-session.ts';

/** Takes up the stages of a run that are over but for agents that were left behind. */
export function restoreLateStages(run: ActiveRun, left: LeftRun, at: LeftStage): void {
  for (const late of at.late) {
    const plan = run.options.workload.stages[late.stage];
    if (plan === undefined) continue;
    const session = openRestored(run, plan, late.stage, late);
    const rows = left.progress?.stage === at.entry.index ? left.progress.lateRows : {};
    restoreRows(session, rows[late.stage] ?? late.rows);
    restoreWritten(
      session,
      late.participants.filter((id) => !late.working.includes(id)),
    );
    for (const { agentId, bytes } of late.summaries) {
      restoreSummary(session, agentId, summaryFromText(bytes));
    }
    for (const { agentId, bytes, elapsedMs } of late.unfinished) {
      restoreProgress(session, agentId, progressWith(elapsedMs, statsFromText(bytes)));
    }
    const since = at.summaries.filter(({ stage }) => stage === late.stage);
    for (const { agentId, bytes } of since) {
      restoreSummary(session, agentId, summaryFromText(bytes));
    }
    if (since.length > 0) closeLateStage(run, late.stage, session);
    // Also when all have ended it: what they say again of their last seconds may not be in rows yet.
    run.lateSessions.set(late.stage, session);
  }
}

/** All that an agent has reported, as one report. */
function progressWith(elapsedMs: number, stats: PlainStageProgress['stats']): PlainStageProgress {
  return {
    ...{ interval: 0, elapsedMs, stats, tasksDone: 0, tasksTotal: 0, directoriesDone: 0 },
    ...{ directoriesTotal: 0, putOff: 0, inFlight: 0, endpoints: [] },
    cpu: { userPct: 0, systemPct: 0, iowaitPct: 0 },
  };
}
