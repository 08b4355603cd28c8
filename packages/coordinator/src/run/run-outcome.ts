import type { BenchError, ExitCode } from '@sai3bench/errors';
import { EXIT_CODES } from '@sai3bench/errors';
import type { BegunStage } from './begun-stage.ts';

/** How a run ended. */
export type RunOutcomeKind =
  | 'completed'
  /** A check before the run failed, or an agent could not be reached: nothing was measured. */
  | 'preflight-failed'
  /** Another controller leads it: it goes on, and nothing is known of its end. */
  | 'led-by-other'
  | 'failed'
  /** All stages were done, but not by all agents: the barriers allowed it. */
  | 'degraded'
  /** The measurement is complete, but cleaning up failed. */
  | 'cleanup-failed'
  | 'interrupted'
  | 'terminated';

/** Stands for the id of an agent in failures of the controller itself. */
export const CONTROLLER = 'controller';

/** Something that went wrong, and where. */
export interface RunFailure {
  /** The agent; `controller` for the controller itself. */
  readonly agentId: string;
  /** The stage that it happened in; undefined before the first. */
  readonly stage: string | undefined;
  readonly error: BenchError;
}

export interface RunOutcome {
  readonly kind: RunOutcomeKind;
  /** What went wrong, the first failure first. */
  readonly failures: readonly RunFailure[];
  /** What went wrong in stages that are optional, and after which the run went on. */
  readonly optionalFailures: readonly RunFailure[];
  /** Successful operations of all stages. */
  readonly operations: number;
  /** Failed operations of all stages. */
  readonly errors: number;
  /** The stages that have begun, in order. */
  readonly begun: readonly BegunStage[];
  /** Ids of agents that have not confirmed the end: they may still do I/O. */
  readonly unconfirmed: readonly string[];
}

const CODES: Readonly<Record<RunOutcomeKind, ExitCode>> = {
  completed: EXIT_CODES.ok,
  'preflight-failed': EXIT_CODES.preflight,
  'led-by-other': EXIT_CODES.usage,
  failed: EXIT_CODES.runFailed,
  degraded: EXIT_CODES.runFailed,
  'cleanup-failed': EXIT_CODES.cleanup,
  interrupted: EXIT_CODES.interrupted,
  terminated: EXIT_CODES.terminated,
};

/** What the controller exits with after a run. One that was to stop, and has not on every agent, has failed at that. */
export function exitCodeOf({
  kind,
  unconfirmed = [],
}: Pick<RunOutcome, 'kind'> & Partial<RunOutcome>): ExitCode {
  const wasStopped = kind === 'interrupted' || kind === 'terminated';
  return wasStopped && unconfirmed.length > 0 ? EXIT_CODES.runFailed : CODES[kind];
}
