import {
  type AgentPlan,
  type ErrorHandlingPlan,
  runsMix,
  type StageKind,
} from '@sai3bench/workload-config/plan';
import { formatCount, formatDurationMs } from '@sai3bench/units';
import { type ErrorCounts, ErrorTally } from '../memory/error-tally.ts';
import type { StageMemory } from '../memory/stage-memory.ts';

/** How far a stage has come with limits of its own. */
export interface LimitCounts {
  readonly total: number;
  readonly maxTotal: number;
  /** The most failures that there were between two successes. */
  readonly mostInRow: number;
  /** Undefined for any number. */
  readonly maxInRow: number | undefined;
}

/**
 * What a workload's `error_handling` says of the failed operations of a stage: how many an agent takes, and from which
 * rate on it slows down. All its threads count together.
 */
export class ErrorLimits {
  readonly #plan: ErrorHandlingPlan;
  readonly #tally: ErrorTally;
  readonly #maxTotal: number;
  readonly #maxInRow: number;
  readonly #maxInWindow: number;

  constructor(plan: ErrorHandlingPlan, memory: SharedArrayBuffer) {
    this.#plan = plan;
    this.#tally = new ErrorTally(memory, plan.errorRateWindowMs);
    // A stage without a failure is never given up, whatever the limit.
    this.#maxTotal = Math.max(1, plan.maxTotalErrors);
    this.#maxInRow = plan.maxConsecutiveErrors ?? Infinity;
    this.#maxInWindow = (plan.maxErrorsPerSecond * plan.errorRateWindowMs) / 1000;
  }

  /** Whether so much has failed that nothing new is to begin. */
  get isExceeded(): boolean {
    return this.#tally.isExceeded;
  }

  get counts(): LimitCounts {
    return {
      total: this.#tally.total,
      maxTotal: this.#maxTotal,
      mostInRow: this.#tally.mostInRow,
      maxInRow: this.#plan.maxConsecutiveErrors,
    };
  }

  /** How the agent has held itself back, for which less was done; undefined when it has not. */
  get slowdown(): string | undefined {
    const { pausedMs, pauses } = this.#tally;
    if (pauses === 0) return undefined;
    return `operations failed faster than error_handling.error_rate_threshold: ${formatCount(pauses)} failures were followed by a pause, ${formatDurationMs(pausedMs)} of all threads together`;
  }

  succeeded(): void {
    this.#tally.succeeded();
  }

  /**
   * Counts a failed operation.
   *
   * @returns how long its slot is to pause before it begins another one, in ms
   */
  failed(nowNs: number): number {
    return this.#judge(this.#tally.failed(nowNs));
  }

  /** Counts an operation that failed, but is to be tried again later; returns what {@link failed} does. */
  putOff(nowNs: number): number {
    return this.#judge(this.#tally.putOff(nowNs));
  }

  #judge({ inRow, inWindow, total }: ErrorCounts): number {
    if (total >= this.#maxTotal || inRow >= this.#maxInRow) this.#tally.exceed();
    return inWindow > this.#maxInWindow ? this.#plan.pauseMs : 0;
  }

  /** Notes that a slot pauses. */
  paused(pauseMs: number): void {
    this.#tally.paused(pauseMs);
  }
}

/** The limits of a stage: those of the workload in stages that prepare or measure, none in others. */
export function errorLimitsOf(
  { errorHandling }: Pick<AgentPlan, 'errorHandling'>,
  kind: StageKind,
  { errors }: Pick<StageMemory, 'errors'>,
): ErrorLimits | undefined {
  if (errorHandling === undefined || (kind !== 'prepare' && !runsMix(kind))) return undefined;
  return new ErrorLimits(errorHandling, errors);
}
