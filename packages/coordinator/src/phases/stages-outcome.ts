import { runsMix, type Stage } from '@sai3bench/workload-config';

/** How the stages of a run have gone. */
export type StagesOutcome = 'completed' | 'failed' | 'cleanup-failed';

/** Whether there are numbers that a stage is run for. */
export function measures({ kind }: Stage): boolean {
  return runsMix(kind) || kind === 'prepare';
}

/**
 * Whether all that was measured is whole, though the run has gone on without agents: they were lost only when nothing but
 * cleaning up was left.
 *
 * @param lacking positions of the first stages that lack the work of an agent
 */
export function isMeasurementWhole(stages: readonly Stage[], lacking: Iterable<number>): boolean {
  const lastNeeded = stages.findLastIndex(({ kind }) => kind !== 'cleanup');
  return stages.some(measures) && [...lacking].every((index) => index > lastNeeded);
}
