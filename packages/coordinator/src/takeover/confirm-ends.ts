import { BenchError } from '@sai3bench/errors';
import { RunJournal } from '@sai3bench/results-dir';
import type { EndedEntry } from './journal-entries.ts';
import { type LeftRun, readLeftRun } from './left-run.ts';
import { RunClaim } from './run-claim.ts';

/** Why somebody else notes what becomes of the run. */
const NOT_OURS: ReadonlySet<string> = new Set(['RUN_HAS_CONTROLLER', 'RUN_HAS_ENDED']);

/** What agents have said that were told once more to stop, by their ids. */
export interface ConfirmedEnds {
  /** Nothing more is to be had of them. */
  readonly gone: readonly string[];
  /** They do no more I/O, and still know of the run. */
  readonly stopped: readonly string[];
}

/**
 * Notes what agents have said that had not confirmed the end of a run. When nothing more is to be had of any, nothing is kept
 * of the run; of a run that was stopped, those that know of it hold what they have done for whoever attaches. Where somebody
 * else is about to take the run over, or has, that one notes it.
 *
 * @param directory the results directory
 * @returns ids of agents whose work is not in the results yet
 */
export function confirmEnds(directory: string, ends: ConfirmedEnds): readonly string[] {
  let claim: RunClaim;
  try {
    claim = RunClaim.take(directory);
  } catch (error) {
    if (BenchError.is(error) && NOT_OURS.has(error.code)) return [];
    throw error;
  }
  try {
    return note(directory, readLeftRun(directory), ends);
  } finally {
    claim.release();
  }
}

function note(
  directory: string,
  { aborting, ended }: LeftRun,
  { gone, stopped }: ConfirmedEnds,
): readonly string[] {
  if (ended === undefined) return [];
  // Of a run that has gone on without them, the results are as they are to be.
  const holds = aborting === undefined ? [] : stopped;
  const has = aborting === undefined ? [...gone, ...stopped] : gone;
  const unconfirmed = ended.unconfirmed.filter((id) => !has.includes(id));
  const holding = unconfirmed.filter((id) => holds.includes(id) || ended.holding?.includes(id));
  const journal = new RunJournal(directory);
  if (unconfirmed.length === 0) journal.remove();
  else journal.add({ ...ended, unconfirmed, holding } satisfies EndedEntry);
  journal.close();
  return holding;
}
