import { summarizeError } from '@sai3bench/errors';
import type { ActiveRun } from '../run/active-run.ts';
import type { RunFailure } from '../run/run-outcome.ts';
import { failedAgents } from '../stage/failed-agents.ts';
import type { StageSession } from '../stage/stage-session.ts';

/**
 * Writes the results of the stage that was running. Agents that were left behind may still be at work on it: then it is
 * written again when they have ended it.
 *
 * @param failures what went wrong in it
 */
export function closeStage(
  run: ActiveRun,
  session: StageSession,
  failures: readonly RunFailure[],
): void {
  if (run.team.isLedByOther) return;
  run.session = undefined;
  for (const { failure, ended, id, isLeftBehind } of run.team.members) {
    if (failure !== undefined || ended || !isLeftBehind) session.agentGone(id);
  }
  if (session.isUnderWay) run.lateSessions.set(run.stageIndex, session);
  run.record.count(session);
  const result = session.finish(partialReason(run, session, failures));
  run.record.addStage(result, session);
  for (const warning of session.warnings(result)) {
    run.options.observer.warning(`stage ${session.stage.name}: ${warning}`);
  }
  run.options.observer.stageEnded({
    stage: session.stage,
    view: session.view(),
    result,
    failed: failedAgents(session.tally, failures),
    unreported: new Set(
      [...session.tally.agents].flatMap(([id, { summary }]) => (summary === undefined ? [id] : [])),
    ),
    errors: session.errorGroups(),
  });
}

/** Writes the results of a stage again that was over before an agent had ended it. */
export function closeLateStage(run: ActiveRun, stage: number, session: StageSession): void {
  if (!session.isUnderWay) run.lateSessions.delete(stage);
  run.record.addStage(session.finish(partialReason(run, session, [])), session);
}

/** Writes the results of all stages that agents are still at work on: nothing more is to come. */
export function closeLateStages(run: ActiveRun): void {
  if (run.team.isLedByOther) return;
  for (const [stage, session] of run.lateSessions) {
    for (const { id } of run.team.members) session.agentGone(id);
    closeLateStage(run, stage, session);
  }
}

/** Why the results of a stage are not those of a whole stage, and what else is missing; undefined when they are. */
function partialReason(
  run: ActiveRun,
  session: StageSession,
  failures: readonly RunFailure[],
): string | undefined {
  const reason = reasonForPart(run, session, failures);
  const { onlyCounted } = session.results;
  if (reason === undefined || onlyCounted.length === 0) return reason;
  return `${reason}; of ${onlyCounted.join(', ')} alone, only counts are known`;
}

function reasonForPart(
  run: ActiveRun,
  session: StageSession,
  failures: readonly RunFailure[],
): string | undefined {
  const isWhole = [...session.tally.agents.values()].every(
    ({ summary }) => summary?.outcome === 'completed',
  );
  // What goes wrong with agents that have reported all of it takes nothing from it.
  if (isWhole) return undefined;
  // A stage that has found objects wrong has done all that it was to do.
  const broken = failures.filter(({ error }) => error.code !== 'VERIFY_FAILED');
  if (broken.length > 0) {
    return broken.map(({ agentId, error }) => `${agentId}: ${summarizeError(error)}`).join('; ');
  }
  const { stopReason } = run.team;
  if (stopReason !== undefined) return `the run was ${stopReason}`;
  const missing = [...session.tally.agents].filter(([, { summary }]) => summary === undefined);
  return missing.length === 0
    ? undefined
    : `no final report of ${missing.map(([id]) => id).join(', ')}`;
}
