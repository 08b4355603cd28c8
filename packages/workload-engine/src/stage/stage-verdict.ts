import { BenchError, type ErrorRecord, toErrorRecord } from '@sai3bench/errors';
import { formatCount, formatDurationMs } from '@sai3bench/units';
import { runsMix, type StagePlan } from '@sai3bench/workload-config/plan';
import { NOT_ABORTED } from '../dataset/leftovers/upload-left.ts';
import { NOT_DELETED } from '../dataset/leftovers/version-sweep.ts';
import type { ErrorGroup } from './error-journal.ts';
import { describeFindings } from './verify-findings.ts';

/** What is known of a stage that has ended. */
export interface StageFacts {
  readonly stage: Pick<StagePlan, 'name' | 'kind' | 'durationMs'> &
    Partial<Pick<StagePlan, 'completion' | 'operations'>>;
  /** Why it was given up, if it was. */
  readonly givenUp: string | undefined;
  /** Whether it was told to stop. */
  readonly stopped: boolean;
  readonly successes: number;
  readonly errors: number;
  readonly cancelled: number;
  /** Failures by kind, the most frequent first. */
  readonly groups: readonly ErrorGroup[];
  /** Directories that could not be removed; part of `errors`. */
  readonly directoriesLeft: number;
  readonly workers: number;
  /** Workers that a system call never came back to. */
  readonly stuckWorkers: number;
  readonly tasksTotal: number;
  /** Whether it may leave some of its work undone, as a cleanup that does what it can. */
  readonly lenient: boolean;
  /** When a worker stopped though there was time and work left, from the start of the stage. */
  readonly cutShortMs: number | undefined;
  /** When a worker first found nothing left to do though there was time left, from the start of the stage. */
  readonly ranDryMs: number | undefined;
  /** Whether the mix only deletes. */
  readonly deletesOnly: boolean;
}

/** How a stage ended. */
export interface StageVerdict {
  /** `stopped`: ended early because it was told to. */
  readonly outcome: 'completed' | 'stopped' | 'failed';
  /** Why it failed; of a completed stage, why it ended before its time. */
  readonly failure?: ErrorRecord;
}

/** Why a stage failed. */
interface Reason {
  readonly code: string;
  readonly message: string;
  /** For reasons that no failure of an operation explains. */
  readonly class?: BenchError['class'];
  readonly hint?: string;
}

/** Judges a stage. What ended by itself without doing everything, or anything, has failed. */
export function judgeStage(facts: StageFacts): StageVerdict {
  const { errors, givenUp, groups, lenient, stage, stopped } = facts;
  if (givenUp !== undefined) {
    // What was in flight then may fail as well, and is counted.
    const inAll = errors > 0 ? ` (errors until it had stopped: ${formatCount(errors)})` : '';
    const message = `stage ${stage.name} was given up: ${givenUp}${inAll}`;
    const reason = { code: 'STAGE_GIVEN_UP', message };
    return lenient
      ? { outcome: 'completed', failure: recordOf(reason, groups) }
      : failed(reason, groups);
  }
  if (stopped) return { outcome: 'stopped' };
  const left = incomplete(facts);
  const reason = cutShort(facts) ?? withoutSuccess(facts) ?? (lenient ? undefined : left);
  if (reason !== undefined) return failed(reason, reason.code === 'VERIFY_FAILED' ? [] : groups);
  if (left !== undefined) return { outcome: 'completed', failure: recordOf(left, groups) };
  const early = ranDry(facts);
  return early === undefined
    ? { outcome: 'completed' }
    : { outcome: 'completed', failure: recordOf(early, []) };
}

function cutShort({ cutShortMs, stage }: StageFacts): Reason | undefined {
  if (cutShortMs === undefined) return undefined;
  return {
    code: 'STAGE_CUT_SHORT',
    class: 'internal',
    message: `stage ${stage.name} ended after ${lengthOf(cutShortMs, stage)}, though there was work left`,
    hint: 'this is a defect of sai3bench: please report it together with the log',
  };
}

/** A measurement in which nothing succeeded has measured nothing. */
function withoutSuccess(facts: StageFacts): Reason | undefined {
  const { cancelled, deletesOnly, errors, ranDryMs, stage, stuckWorkers, successes } = facts;
  if (!runsMix(stage.kind) || successes > 0) return undefined;
  // There may be more agents than operations to share out.
  if (stage.operations === 0) return undefined;
  const code = 'STAGE_WITHOUT_SUCCESS';
  const stuck = `${String(stuckWorkers)} of ${String(facts.workers)} threads are stuck in a system call`;
  if (errors > 0) {
    const message = `none of ${formatCount(errors)} operations succeeded`;
    return { code, message: stuckWorkers > 0 ? `${message}, and ${stuck}` : message };
  }
  if (stuckWorkers > 0) {
    return {
      code,
      class: 'timeout',
      message: `no operation has ended: ${stuck}`,
      hint: 'the target hangs: check the mount, and the server behind it',
    };
  }
  if (ranDryMs !== undefined) {
    return {
      code,
      class: 'config',
      message: `no operation was carried out: there is no object of this run ${purpose(deletesOnly)}`,
      hint: 'let a prepare stage make objects before this stage, more of them than earlier stages delete',
    };
  }
  if (cancelled > 0) {
    return {
      code,
      class: 'timeout',
      message: `no operation has ended in time: ${formatCount(cancelled)} were cancelled`,
      hint: 'the target does not answer, or takes longer than duration and drain_timeout together',
    };
  }
  return {
    code,
    class: 'config',
    message: 'no operation was begun',
    hint: 'raise the duration of the stage',
  };
}

function incomplete(facts: StageFacts): Reason | undefined {
  const { directoriesLeft, errors, stage, tasksTotal } = facts;
  if (runsMix(stage.kind) || errors === 0) return undefined;
  if (stage.kind === 'verify') {
    const message = `${formatCount(errors)} of ${formatCount(tasksTotal)} objects are wrong or could not be read: ${describeFindings(facts.groups)}`;
    const hint =
      'errors.tsv of each agent has every kind of failure; a run of the workload makes what is missing, and for what is wrong look for another writer or a fault of the storage';
    return { code: 'VERIFY_FAILED', class: 'integrity', message, hint };
  }
  const unmade = stage.kind === 'prepare' ? failuresOf(facts.groups, 'MKDIR') : 0;
  const cleanup = stage.kind === 'cleanup';
  const withVersions = cleanup ? countOf(facts.groups, NOT_DELETED) : 0;
  const uploads = cleanup ? countOf(facts.groups, NOT_ABORTED) : 0;
  const objects = errors - directoriesLeft - unmade - withVersions - uploads;
  const verb = cleanup ? 'deleted' : 'created';
  const parts = [
    ...(objects > 0
      ? [`${formatCount(objects)} of ${formatCount(tasksTotal)} objects could not be ${verb}`]
      : []),
    ...(withVersions > 0
      ? [
          `old versions of ${formatCount(withVersions)} deleted ${withVersions === 1 ? 'object' : 'objects'} could not be deleted`,
        ]
      : []),
    ...(uploads > 0 ? [`${formatCount(uploads)} unfinished uploads could not be aborted`] : []),
    ...(unmade > 0 ? [`${formatDirectories(unmade)} could not be made`] : []),
    ...(directoriesLeft > 0 ? [`${formatDirectories(directoriesLeft)} could not be removed`] : []),
  ];
  return { code: 'STAGE_INCOMPLETE', message: parts.join(', ') };
}

function ranDry({ deletesOnly, ranDryMs, stage }: StageFacts): Reason | undefined {
  // Running out of what to do is one of the ways in which such a stage is to end.
  if (stage.completion === 'duration_or_tasks') return undefined;
  if (stage.kind !== 'execute' || ranDryMs === undefined) return undefined;
  return {
    code: 'STAGE_RAN_DRY',
    class: 'config',
    message: `stage ${stage.name} ran dry after ${lengthOf(ranDryMs, stage)}: no object of this run was left ${purpose(deletesOnly)}`,
    hint: 'prepare more objects, or shorten the stage',
  };
}

function failuresOf(groups: readonly ErrorGroup[], operation: ErrorGroup['operation']): number {
  return groups.reduce((sum, group) => sum + (group.operation === operation ? group.count : 0), 0);
}

function countOf(groups: readonly ErrorGroup[], code: string): number {
  return groups.reduce((sum, group) => sum + (group.code === code ? group.count : 0), 0);
}

/** A number of directories in words. */
export function formatDirectories(count: number): string {
  return count === 1 ? '1 directory' : `${formatCount(count)} directories`;
}

function purpose(deletesOnly: boolean): string {
  return deletesOnly ? 'to delete' : 'to work on';
}

function lengthOf(elapsedMs: number, { durationMs }: StageFacts['stage']): string {
  const elapsed = formatDurationMs(elapsedMs);
  return durationMs === undefined ? elapsed : `${elapsed} of ${formatDurationMs(durationMs)}`;
}

function failed(reason: Reason, groups: readonly ErrorGroup[]): StageVerdict {
  return { outcome: 'failed', failure: recordOf(reason, groups) };
}

/** A reason, with the most frequent failure of an operation as its cause. */
function recordOf(reason: Reason, groups: readonly ErrorGroup[]): ErrorRecord {
  const [first] = groups;
  return toErrorRecord(
    new BenchError(reason.message, {
      code: reason.code,
      class: reason.class ?? first?.class ?? 'internal',
      hint: reason.hint ?? first?.hint,
      endpoint: first?.endpoint,
      key: first?.key,
      cause: first === undefined ? undefined : { message: first.message },
    }),
  );
}
