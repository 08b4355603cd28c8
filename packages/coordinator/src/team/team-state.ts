import type { ErrorRecord } from '@sai3bench/errors';

/** What has become of the agents, as far as it is not for them to say. */
export interface TeamState {
  readonly failures: readonly FailureState[];
  /** How many of them the run has gone on in spite of. */
  readonly tolerated: number;
  /** By agent id: the position of the first stage that lacks its work. */
  readonly wentOnWithout: Readonly<Record<string, number>>;
  /** Agent ids. */
  readonly givenUp: readonly string[];
  readonly leftBehind: readonly string[];
}

export interface FailureState {
  readonly agentId: string;
  readonly stage: string | undefined;
  readonly error: ErrorRecord;
  /** Whether the agent takes no further part. */
  readonly isLost: boolean;
  /** Whether it was in a stage that need not work, and after which the run went on. */
  readonly isForgiven: boolean;
}
