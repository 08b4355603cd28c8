import { seedOf } from '@sai3bench/datagen';
import { SharedSequence } from '../memory/shared-sequence.ts';
import { entrySequence, type StageMemory } from '../memory/stage-memory.ts';
import type { PositionSources } from '../selection/positions.ts';
import type { WorkerContext } from '../worker/worker-context.ts';

/** Where an entry of the mix has the positions of its objects from. */
export function entryPositions(
  { random, setup }: WorkerContext,
  { sequences }: StageMemory,
  entry: number,
): PositionSources {
  return {
    random,
    sequence: new SharedSequence(sequences, entrySequence(entry)),
    // Not of the run: what is popular in one run is popular in the next.
    seed: seedOf(BigInt(setup.plan.dataSeed)),
  };
}
