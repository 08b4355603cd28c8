import type { PlainStageProgress, PlainStageSummary } from '@sai3bench/barrier-protocol';
import type { StageRowsState } from '../stage/stage-rows.ts';
import type { StageSession } from '../stage/stage-session.ts';

/**
 * Lets a session go on with the rows from where another controller has ended; agents tell soon what is not in them yet.
 *
 * @param state undefined when that controller has written none
 */
export function restoreRows(session: StageSession, state: StageRowsState | undefined): void {
  if (state !== undefined) session.rows.restore(state);
}

/** Notes agents of which another controller has written all that was to come of them. */
export function restoreWritten(session: StageSession, agentIds: readonly string[]): void {
  for (const agentId of agentIds) {
    session.results.restoreWritten(agentId);
    session.agentGone(agentId);
  }
}

/** Takes an agent's final report that another controller has kept; what is written of it is written again. */
export function restoreSummary(
  session: StageSession,
  agentId: string,
  summary: PlainStageSummary,
): void {
  session.tally.restore(agentId, summary.stats);
  session.rows.expectAgain(agentId, summary.lastEndMs);
  session.summary(agentId, summary);
}

/** Takes what an agent has reported to another controller, and what that has written. */
export function restoreProgress(
  session: StageSession,
  agentId: string,
  progress: PlainStageProgress,
): void {
  if (session.has(agentId)) return;
  session.tally.restoreProgress(agentId, progress);
  session.endpoints.add(agentId, progress);
}
