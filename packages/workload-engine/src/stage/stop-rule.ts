import { formatDurationMs } from '@sai3bench/units';
import type { PutOffRow } from '../memory/put-offs.ts';
import { runsMix, type StageKind } from '@sai3bench/workload-config/plan';
import type { ErrorGroup } from './error-journal.ts';
import type { LimitCounts } from './error-limits.ts';
import { isFinding } from './verify-findings.ts';

/** Failures that a stage takes before it is given up. */
const MAX_ERRORS = 100;
/** Failures without a single success: nothing works, and waiting will not help. */
const MAX_ERRORS_WITHOUT_SUCCESS = 10;
/** The same for a clean-up, where one request may be about a thousand objects, each of which fails by itself. */
const MAX_DELETIONS_WITHOUT_SUCCESS = 10_000;
/**
 * How long a stage that puts off what fails does without a success: longer than a server takes to start again, and
 * shorter than a person waits for one that is gone.
 */
const MAX_PUT_OFF_MS = 60_000;
/** Kinds of errors that pass: a server that is overloaded or restarting. */
const PASSING = new Set(['throttled', 'server', 'network', 'timeout']);

/** What is known of a stage that runs. */
export interface StageProgress {
  readonly kind: StageKind;
  readonly successes: number;
  readonly errors: readonly ErrorGroup[];
  /** Of stages for which the workload sets limits. */
  readonly limits?: LimitCounts | undefined;
  /** What was put off since the last success, of stages that put off what fails. */
  readonly putOff?: PutOffRow | undefined;
  /** Operations that are in flight together. */
  readonly concurrency?: number | undefined;
}

/**
 * Why a stage should be given up, or undefined to go on. A measurement goes on through errors that pass, however
 * many; nothing goes on when all operations fail, or when errors of a kind that does not pass pile up. Prepare
 * stops at any pile of errors, because what it makes would be incomplete, and when for a minute it has put off all that it
 * began. A verify stage is there to count what is wrong.
 * Where the workload sets limits, they alone count.
 */
export function reasonToStop(progress: StageProgress): string | undefined {
  const { kind, limits, successes } = progress;
  if (limits !== undefined) return reasonOfLimits(limits);
  const errors =
    kind === 'verify' ? progress.errors.filter((group) => !isFinding(group)) : progress.errors;
  const count = sum(errors);
  const patience = kind === 'cleanup' ? MAX_DELETIONS_WITHOUT_SUCCESS : MAX_ERRORS_WITHOUT_SUCCESS;
  if (successes === 0 && count >= patience) {
    return `none of the first ${String(count)} operations succeeded`;
  }
  if (isDead(progress)) {
    return `nothing succeeded for ${formatDurationMs(progress.putOff?.lastedMs ?? 0)}: ${String(progress.putOff?.count ?? 0)} operations in a row failed with all their attempts`;
  }
  const lasting = sum(errors.filter((group) => !PASSING.has(group.class)));
  const relevant = runsMix(kind) ? lasting : count;
  if (kind !== 'cleanup' && relevant >= MAX_ERRORS) {
    return `${String(relevant)} operations failed`;
  }
  return undefined;
}

/** Whether nothing works any more: each operation in flight has failed, and new ones still do long after the first. */
function isDead({ concurrency = 1, putOff }: StageProgress): boolean {
  return putOff !== undefined && putOff.count >= concurrency && putOff.lastedMs >= MAX_PUT_OFF_MS;
}

function reasonOfLimits({ maxInRow, maxTotal, mostInRow, total }: LimitCounts): string | undefined {
  if (maxInRow !== undefined && mostInRow >= maxInRow) {
    return `${String(mostInRow)} operations failed in a row, and error_handling.max_consecutive_errors is ${String(maxInRow)}`;
  }
  if (total < maxTotal) return undefined;
  return `${String(total)} operations failed, and error_handling.max_total_errors is ${String(maxTotal)}`;
}

function sum(groups: readonly ErrorGroup[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}
