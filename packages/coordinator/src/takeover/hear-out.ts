import type { ActiveRun } from '../run/active-run.ts';

/** Agents that have ended a run wait no longer than this for somebody who takes what is left of it. */
const FAREWELL_MS = 1_000;

/**
 * Keeps the streams of agents that had ended the run before it was taken over until they know that all they have told is
 * kept: then they need no copy of it.
 */
export async function hearOut(run: ActiveRun): Promise<void> {
  run.journal.soon();
  const ended = run.team.members.filter(({ ended }) => ended);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FAREWELL_MS);
  });
  await Promise.race([late, Promise.all(ended.map(({ link }) => link.closed))]);
  clearTimeout(timer);
}
