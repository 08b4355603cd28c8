import type { AgentPlan, StageKind } from '@sai3bench/workload-config';
import { ObjectStates } from '@sai3bench/metadata-cache';
import { allocateEntryLedger } from './entry-ledger.ts';
import { allocateLiveSet, LiveSet } from './live-set.ts';
import { allocateReadLeases } from './read-leases.ts';
import type { RunMemory } from './run-memory.ts';
import { allocateSequences } from './shared-sequence.ts';

/**
 * Memory that the threads share to choose operations in one stage. Every stage has its own, so that a thread which
 * comes back from a stage long over changes nothing that counts.
 */
export interface StageMemory {
  /** Sequence 0 deals the cards of the mix, the others positions of entries; see {@link entrySequence}. */
  readonly sequences: SharedArrayBuffer;
  readonly ledger: SharedArrayBuffer;
  readonly leases: SharedArrayBuffer;
  /** Own objects that may be picked, by pool; undefined for pools from which nothing is deleted. */
  readonly live: readonly (SharedArrayBuffer | undefined)[];
}

/** The sequence that deals the cards of the mix. */
export const DECK_SEQUENCE = 0;

/** The sequence that deals positions to an entry of the mix. */
export function entrySequence(entry: number): number {
  return entry + 1;
}

/** Memory for the next stage, with the objects that are there now. */
export function allocateStageMemory(plan: AgentPlan, run: RunMemory, kind: StageKind): StageMemory {
  const deletable = kind === 'execute' ? deletablePools(plan) : new Set<number>();
  return {
    sequences: allocateSequences(plan.operations.length + 1),
    ledger: allocateEntryLedger(plan.operations.length),
    leases: allocateReadLeases(plan.concurrency),
    live: plan.pools.map(({ own }, pool) => {
      const states = run.poolStates[pool];
      return deletable.has(pool) && states !== undefined
        ? liveObjects(new ObjectStates(states, own.end - own.begin))
        : undefined;
    }),
  };
}

/** Pools from which the mix deletes. */
function deletablePools({ operations }: AgentPlan): Set<number> {
  return new Set(
    operations.flatMap((operation) =>
      operation.op === 'delete' && operation.source.type === 'pools' ? operation.source.pools : [],
    ),
  );
}

function liveObjects(states: ObjectStates): SharedArrayBuffer {
  const memory = allocateLiveSet(states.count);
  const live = new LiveSet(memory, states.count);
  live.assign(states.count, (object) => states.get(object) === 'created');
  return memory;
}
