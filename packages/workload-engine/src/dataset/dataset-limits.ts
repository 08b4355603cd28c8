/** How long the end of a run may take: in all less than the agent waits for it. */
export interface CloseLimits {
  /** For the checkpoint that is under way. */
  readonly settleMs: number;
  /** For all that is asked of the storage for checkpoints, the one under way included. */
  readonly requestsMs: number;
  /** For writing back file systems. */
  readonly syncMs: number;
  /** For all this, and for the cache, which has what the others leave. */
  readonly wholeMs: number;
}

/** How long what is not measured may hold up a run, whatever a storage does. */
export interface DatasetLimits {
  /**
   * Fetching checkpoints without getting on: longer than a request may be idle, so that another endpoint is tried, and
   * shorter than agents may take to become ready.
   */
  readonly fetchIdleMs: number;
  /** One checkpoint, from its snapshot to the end of its upload. */
  readonly checkpointMs: number;
  /** How long stages wait for a checkpoint. */
  readonly holdUpMs: number;
  readonly close: CloseLimits;
  /** Of a run that was stopped. */
  readonly stoppedClose: CloseLimits;
}

/** The limits of every run. */
export const DATASET_LIMITS: DatasetLimits = {
  fetchIdleMs: 90_000,
  checkpointMs: 120_000,
  holdUpMs: 10_000,
  close: { settleMs: 2_500, requestsMs: 5_000, syncMs: 2_000, wholeMs: 9_000 },
  stoppedClose: { settleMs: 0, requestsMs: 500, syncMs: 500, wholeMs: 1_500 },
};
