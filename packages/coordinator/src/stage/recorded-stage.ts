import type { StageErrors, StageRecord } from '@sai3bench/results-dir';

/** What is known of a stage that has ended. */
export interface RecordedStage {
  readonly operations: number;
  readonly errors: number;
  /** How long each agent took, by id. */
  readonly agentMs: ReadonlyMap<string, number>;
  /** Undefined while its table is not on disk. */
  readonly written: { readonly record: StageRecord; readonly errors: StageErrors } | undefined;
}

/** The stages that have ended, by number, as they go into a file. */
export type RecordedStages = readonly (Omit<RecordedStage, 'agentMs'> & {
  readonly number: number;
  readonly agentMs: Readonly<Record<string, number>>;
})[];
