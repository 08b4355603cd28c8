import type { ActiveRun } from '../run/active-run.ts';
import type { RunOutcomeKind } from '../run/run-outcome.ts';
import { ANSWER_MS } from './attach-agents.ts';
import { endAborted } from './end-aborted.ts';
import type { EndedEntry } from './journal-entries.ts';
import type { LeftRun } from './left-run.ts';

/**
 * Tells agents once more to stop that had not confirmed the end of a run. Where it was stopped, what they have done in its
 * last stage is taken over; where it has gone on without them, the stages that they were at are over.
 *
 * @returns how the run has ended then
 */
export async function endAgain(
  run: ActiveRun,
  left: LeftRun,
  { kind, orders, unconfirmed }: EndedEntry,
): Promise<RunOutcomeKind> {
  for (const member of run.team.members) {
    member.dismiss(orders[member.id] ?? 'none');
    if (unconfirmed.includes(member.id)) continue;
    member.confirmEnd();
    member.end();
  }
  if (left.aborting === undefined) await run.team.stopUnconfirmed(ANSWER_MS);
  else await endAborted(run, left);
  return kind;
}
