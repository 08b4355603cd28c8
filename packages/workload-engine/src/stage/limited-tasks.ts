import type { ClaimCursor } from '../memory/claim-cursor.ts';
import type { ExecuteTasks } from './execute-tasks.ts';
import type { RetryPauses } from './pause.ts';
import type { Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

/** The mix of operations, of which all threads together begin so many as there are claims and no more. */
export class LimitedTasks implements TaskSource {
  readonly maxAttempts: number;
  readonly retryPauses: RetryPauses;
  readonly #mix: Pick<
    ExecuteTasks,
    'ended' | 'mayHaveMore' | 'maxAttempts' | 'next' | 'retryPauses'
  >;
  readonly #claims: Pick<ClaimCursor, 'next'>;
  /** Whether a claim was taken that no operation has been begun with. */
  #holds = false;

  /** @param claims deals as many numbers as there are operations to begin */
  constructor(
    mix: Pick<ExecuteTasks, 'ended' | 'mayHaveMore' | 'maxAttempts' | 'next' | 'retryPauses'>,
    claims: Pick<ClaimCursor, 'next'>,
  ) {
    this.#mix = mix;
    this.#claims = claims;
    this.maxAttempts = mix.maxAttempts;
    this.retryPauses = mix.retryPauses;
  }

  next(slot: Slot): boolean {
    this.#holds ||= this.#claims.next() >= 0;
    if (!this.#holds || !this.#mix.next(slot)) return false;
    this.#holds = false;
    return true;
  }

  mayHaveMore(): boolean {
    return this.#holds && this.#mix.mayHaveMore();
  }

  ended(slot: Slot, outcome: Outcome): void {
    this.#mix.ended(slot, outcome);
  }
}
