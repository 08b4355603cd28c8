import { BenchError } from '@sai3bench/errors';
import { type FileLengths, RunJournal, traceOfRun } from '@sai3bench/results-dir';
import type {
  AbortingEntry,
  BegunEntry,
  EndedEntry,
  HereEntry,
  JournalEntry,
  LateEntry,
  ProgressEntry,
  RunEntry,
  StageEntry,
  SummaryEntry,
} from './journal-entries.ts';

/** A run as its controller has left it. */
export interface LeftRun {
  readonly run: RunEntry;
  /** Undefined before the first stage. */
  readonly stage: LeftStage | undefined;
  readonly progress: ProgressEntry | undefined;
  /** Undefined when the agents were not told to stop. */
  readonly aborting: AbortingEntry | undefined;
  /** Why the controller has ended the run itself; undefined when it has not, or could not write it. */
  readonly failureHere: HereEntry | undefined;
  /** Undefined when it goes on, or its controller did not come to its end. */
  readonly ended: EndedEntry | undefined;
}

/** The stage that the run was at. */
export interface LeftStage {
  readonly entry: StageEntry;
  /** Stages before it that agents were still at work on. */
  readonly late: readonly LateEntry[];
  /** Undefined when it had not begun. */
  readonly begun: BegunEntry | undefined;
  readonly summaries: readonly SummaryEntry[];
  /** Whether the agents were told to end the run. */
  readonly isFinishing: boolean;
  /** Everything above, as it was written. */
  readonly entries: readonly JournalEntry[];
}

/**
 * Reads what a controller has left of a run.
 *
 * @param directory the results directory
 * @throws BenchError `RUN_HAS_ENDED` or `RUN_UNKNOWN` when there is nothing to take over, `JOURNAL_UNREADABLE`
 */
export function readLeftRun(directory: string): LeftRun {
  const contents = RunJournal.read(directory);
  if (contents === undefined) throw notLeftError(directory);
  // Only controllers of the same version get further than the version: see `refuseVersion`.
  const run = contents.run as RunEntry;
  const entries = contents.stage as readonly JournalEntry[];
  const progress = (contents.progress as ProgressEntry | null) ?? undefined;
  const aborting = entries.find((each) => each.type === 'aborting');
  const failureHere = (contents.end as HereEntry | null) ?? undefined;
  const ended = entries.findLast((each) => each.type === 'ended');
  return { run, stage: leftStage(entries), progress, aborting, failureHere, ended };
}

/** Why there is nothing to take over in a directory. */
function notLeftError(directory: string): BenchError {
  const trace = traceOfRun(directory);
  switch (trace.state) {
    case 'ended':
      return new BenchError(`the run in ${directory} has ended: ${trace.outcome} at ${trace.at}`, {
        code: 'RUN_HAS_ENDED',
        class: 'config',
        hint: 'STATUS.txt in it has the whole story',
      });
    case 'unknown':
      return new BenchError(`the run in ${directory} has ended before its agents were ready`, {
        code: 'RUN_HAS_ENDED',
        class: 'config',
        hint: 'console.log in it has its last words; start it again',
      });
    case 'none':
      return new BenchError(`${directory} is not the results directory of a run`, {
        code: 'RUN_UNKNOWN',
        class: 'config',
        hint: 'name the directory that sai3bench-ctl run has made: its last line says where it is',
      });
  }
}

function leftStage(entries: readonly JournalEntry[]): LeftStage | undefined {
  const entry = entries.find((each) => each.type === 'stage');
  if (entry === undefined) return undefined;
  return {
    entry,
    late: entries.filter((each) => each.type === 'late'),
    begun: entries.find((each) => each.type === 'begun'),
    summaries: entries.filter((each) => each.type === 'summary'),
    isFinishing: entry.outcome !== null,
    entries,
  };
}

/** @throws BenchError `RUN_OTHER_VERSION` when a controller of this version cannot go on with it */
export function refuseVersion({ run }: LeftRun, version: string): void {
  if (run.version === version) return;
  throw new BenchError(`the run was started by version ${run.version}, and this is ${version}`, {
    code: 'RUN_OTHER_VERSION',
    class: 'config',
    hint: `use sai3bench-ctl ${run.version}, or stop the run with sai3bench-ctl stop`,
  });
}

/** How much of the files of the results is certain: what goes beyond is written again as the run goes on. */
export function lengthsToKeep(left: LeftRun): FileLengths | undefined {
  const { aborting, ended, progress, stage } = left;
  // Only of a run that was stopped the last stage is written again.
  if (ended !== undefined && aborting === undefined) return undefined;
  if (stage === undefined) return progress?.lengths;
  const { index, lengths } = stage.entry;
  if (progress?.stage !== index) return lengths;
  // Tables of agents are written again from their summaries; rows go on where they were.
  const agents = Object.entries(progress.lengths.agents).map(([id, now]) => {
    const before = lengths.agents[id];
    return [id, before === undefined ? now : { ...before, perfLog: now.perfLog }] as const;
  });
  return {
    perfLog: progress.lengths.perfLog,
    ledger: lengths.ledger,
    agents: { ...lengths.agents, ...Object.fromEntries(agents) },
  };
}
