import type { BenchError } from '@sai3bench/errors';
import type { RetryPauses } from './pause.ts';
import type { Slot } from './slot.ts';

/** How an operation ended, after all its attempts. */
export type Outcome = 'succeeded' | 'failed' | 'cancelled';

/** How an operation has failed. */
export interface OperationFailure {
  /** Index in `OPERATIONS`. */
  readonly operation: number;
  readonly key: string;
  /** Position of the store in the plan, and of the endpoint in the store. */
  readonly store: number;
  readonly endpoint: number;
  readonly error: BenchError;
}

/** What a stage does: where its operations come from and what happens to what they were about. */
export interface TaskSource {
  /** Puts the next operation into a slot; false when there is none left. */
  next(slot: Slot): boolean;
  /**
   * Takes back an operation that failed after all its attempts, to hand it out again later; false to let it fail.
   * Only sources that can do so have it.
   */
  putsOff?(slot: Slot, error: BenchError): boolean;
  /** Gives up what is put off, when the stage ends before it is tried again. */
  dropPutOff?(): readonly OperationFailure[];
  /** Whether a failure is what the stage is there to find: then the slot goes on without a pause. */
  looksFor?(error: BenchError): boolean;
  /** Whether there may be another one soon though {@link next} has found none just now; no, when it is missing. */
  mayHaveMore?(): boolean;
  /**
   * Takes note of how the operation in a slot ended. Of a batch that was answered, called with those of its objects for
   * which it is over, perhaps several times; `batchFailures` says which of them are still there.
   */
  ended(slot: Slot, outcome: Outcome): void;
  /** How often a failed operation is tried in all, when the error may pass. */
  readonly maxAttempts: number;
  /** How long to wait between attempts, where that is not as usual. */
  readonly retryPauses?: RetryPauses;
}
