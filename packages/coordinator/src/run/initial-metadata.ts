import type { RunMetadata } from '@sai3bench/results-dir';

/** What `metadata.json` says besides what the run itself finds out. */
export type InitialMetadata = Omit<
  RunMetadata,
  'start_time' | 'end_time' | 'duration_secs' | 'stages'
>;
