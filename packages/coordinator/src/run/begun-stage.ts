import type { StageKind } from '@sai3bench/workload-config';

/** A stage of a run that has begun, in which something may have been made or deleted. */
export interface BegunStage {
  readonly kind: StageKind;
  /** Whether all agents have done all that they were to do in it. */
  readonly isWhole: boolean;
}

/** Kinds of stages in which no operation is carried out on the storage. */
const WITHOUT_OPERATIONS: ReadonlySet<StageKind> = new Set(['validation', 'custom']);

/** Whether agents were to carry out operations in any of the stages that have begun. */
export function hasTriedOperations(begun: readonly BegunStage[]): boolean {
  return begun.some(({ kind }) => !WITHOUT_OPERATIONS.has(kind));
}
