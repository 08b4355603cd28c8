import { toErrorRecord } from '@sai3bench/errors';
import type { RunFailure } from '../run/run-outcome.ts';
import type { AgentMember } from './agent-member.ts';
import type { FailureState } from './team-state.ts';

/** Told what goes wrong, and whether whom it went wrong with takes no further part. */
export type FailureListener = (failure: RunFailure, isLost: boolean) => void;

/** What went wrong in a run, and in spite of how much of that it goes on. */
export class RunFailures {
  readonly #all: RunFailure[] = [];
  readonly #forgiven = new Set<RunFailure>();
  #tolerated = 0;

  /** Everything, the first first. */
  get all(): readonly RunFailure[] {
    return this.#all;
  }

  /** What went wrong in stages that need not work. */
  get forgiven(): readonly RunFailure[] {
    return this.#all.filter((failure) => this.#forgiven.has(failure));
  }

  /** What went wrong otherwise. */
  get unforgiven(): readonly RunFailure[] {
    return this.#all.filter((failure) => !this.#forgiven.has(failure));
  }

  /** Whether the run cannot go on. */
  get isBroken(): boolean {
    return this.#all.length > this.#tolerated;
  }

  /** Of how many the run goes on in spite. */
  get tolerated(): number {
    return this.#tolerated;
  }

  /** What of agents is needed to go on from here. */
  state(members: readonly Pick<AgentMember, 'id' | 'failure'>[]): FailureState[] {
    return this.#all.flatMap((failure) => {
      const { agentId, error, stage } = failure;
      const member = members.find(({ id }) => id === agentId);
      if (member === undefined) return [];
      const isLost = member.failure === error;
      const isForgiven = this.#forgiven.has(failure);
      return [{ agentId, stage, error: toErrorRecord(error), isLost, isForgiven }];
    });
  }

  /** Whether that is known of an agent already: it has told another controller too. */
  isKnown({ agentId, error, stage }: RunFailure): boolean {
    return this.#all.some(
      (known) =>
        known.agentId === agentId && known.stage === stage && known.error.code === error.code,
    );
  }

  add(failure: RunFailure): void {
    this.#all.push(failure);
  }

  /** Goes on in spite of all. */
  tolerate(): void {
    this.#tolerated = this.#all.length;
  }

  /**
   * Goes on in spite of all; what is not among the first `before` was in a stage that need not work.
   *
   * @returns what is forgiven by that
   */
  forgive(before: number): readonly RunFailure[] {
    const forgiven = this.#all.slice(before);
    for (const failure of forgiven) this.#forgiven.add(failure);
    this.tolerate();
    return forgiven;
  }

  /** Goes on from where another controller has ended. */
  restore(failure: RunFailure, isForgiven: boolean): void {
    this.#all.push(failure);
    if (isForgiven) this.#forgiven.add(failure);
  }

  /** @param tolerated of how many of those that were restored the run goes on in spite */
  restoreTolerated(tolerated: number): void {
    this.#tolerated = tolerated;
  }
}
