import { BenchError, summarizeError } from '@sai3bench/errors';
import { notEndedError } from '../link/agent-errors.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { CONTROLLER, type RunOutcomeKind } from '../run/run-outcome.ts';
import { closeLateStages } from './close-stage.ts';
import { isMeasurementWhole, type StagesOutcome } from './stages-outcome.ts';

/** How long agents may take to stop after an abort; then the run ends without them. */
const ABORT_WAIT_MS = 1_900;
/** How long agents may take to end the run without getting on with it. */
const FINISH_WAIT_MS = 15_000;

/**
 * Ends a run whose stages are over; returns how it has ended.
 *
 * @param failuresBefore failures of the run up to the end of its stages
 */
export async function endRun(
  run: ActiveRun,
  kind: StagesOutcome,
  failuresBefore = run.team.failures.length,
): Promise<RunOutcomeKind> {
  if (run.team.isLedByOther) return 'failed';
  // After a run that has failed, agents that were not stopped are well: they end it as after any other.
  const areWell = run.outcome !== undefined || run.team.active.some((each) => !each.isDismissed);
  if (kind !== 'failed' || areWell) {
    run.outcome = kind;
    await finishRun(run);
  }
  closeLateStages(run);
  if (kind === 'failed') return kind;
  const { wentOnWithout } = run.team;
  if (wentOnWithout.size > 0) {
    const isWhole = isMeasurementWhole(run.options.workload.stages, wentOnWithout.values());
    return isWhole ? 'cleanup-failed' : 'degraded';
  }
  return run.team.failures.length > failuresBefore ? 'cleanup-failed' : kind;
}

/** Lets the agents tidy up and end the run properly, unless the user wants the end. */
async function finishRun(run: ActiveRun): Promise<void> {
  run.journal.stageComes();
  const late = run.team.stopReason === undefined ? await run.team.finish(FINISH_WAIT_MS) : [];
  if (run.team.stopReason !== undefined) {
    await abortRun(run);
    return;
  }
  for (const member of late) run.team.failWork(member, notEndedError(member.agent));
  await run.team.stopUnconfirmed(ABORT_WAIT_MS);
}

/**
 * Tells all agents to stop, and gives them a moment to report what they have done.
 *
 * @param waitMs how long that moment may be
 */
export async function abortRun(run: ActiveRun, waitMs = ABORT_WAIT_MS): Promise<void> {
  if (run.team.isLedByOther) return;
  const { active, stopReason, unforgivenFailures } = run.team;
  const names = [...new Set(unforgivenFailures.map(({ agentId }) => agentId))];
  const reason = stopReason ?? `${names.join(', ')} failed`;
  if (active.length > 0) run.options.observer.aborting(reason);
  noteAborting(run);
  await run.team.abort(stopReason ?? reasonHere(run) ?? reason, waitMs);
  run.journal.settle();
}

/** What agents are told of a failure of the controller itself: nobody else may be able to keep it. */
function reasonHere({ team }: ActiveRun): string | undefined {
  const failure = team.failures.find(({ agentId }) => agentId === CONTROLLER);
  return failure === undefined ? undefined : summarizeError(failure.error);
}

/** Whoever takes the run over is not to blame agents for having stopped. */
function noteAborting({ journal, team }: ActiveRun): void {
  if (team.failedHere) return;
  try {
    journal.aborting();
  } catch (error) {
    team.failHere(BenchError.from(error));
  }
}
