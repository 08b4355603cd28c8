import type { ActiveRun } from './active-run.ts';
import { notEndedError } from './agent-errors.ts';

/** How long agents may take to stop after an abort; then the run ends without them. */
const ABORT_WAIT_MS = 1_900;
/** How long agents may take to end the run without getting on with it. */
const FINISH_WAIT_MS = 15_000;

/** Lets the agents tidy up and end the run properly, unless the user wants the end. */
export async function finishRun(run: ActiveRun): Promise<void> {
  const late = run.team.stopReason === undefined ? await run.team.finish(FINISH_WAIT_MS) : [];
  if (run.team.stopReason !== undefined) {
    await abortRun(run);
    return;
  }
  for (const member of late) run.team.failWork(member, notEndedError(member.agent));
}

/** Tells all agents to stop, and gives them a moment to report what they have done. */
export async function abortRun(run: ActiveRun): Promise<void> {
  const { active, failures, stopReason } = run.team;
  const names = [...new Set(failures.map(({ agentId }) => agentId))];
  const reason = stopReason ?? `${names.join(', ')} failed`;
  if (active.length > 0) run.options.observer.aborting(reason);
  await run.team.abort(reason, ABORT_WAIT_MS);
}
