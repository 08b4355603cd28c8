import {
  type AgentPlan,
  type PoolPlan,
  runsMix,
  type StageKind,
} from '@sai3bench/workload-config/plan';
import { type ObjectState, ObjectStates } from '@sai3bench/metadata-cache';
import { allocateEntryLedger } from './entry-ledger.ts';
import { allocateErrorTally } from './error-tally.ts';
import { allocateLiveSet, LiveSet } from './live-set.ts';
import { allocateReadLeases } from './read-leases.ts';
import { hasDirectories } from '../stage/tree-directories.ts';
import { LeafDirectories } from '../selection/leaf-directories.ts';
import { allocatePutOffs } from './put-offs.ts';
import type { RunMemory } from './run-memory.ts';
import { allocateSequences } from './shared-sequence.ts';

/**
 * Memory that the threads share in one stage, to choose operations and to count what fails. Every stage has its own, so that a thread which
 * comes back from a stage long over changes nothing that counts.
 */
export interface StageMemory {
  /** Sequence 0 deals the cards of the mix, the others positions of entries; see {@link entrySequence}. */
  readonly sequences: SharedArrayBuffer;
  readonly ledger: SharedArrayBuffer;
  readonly leases: SharedArrayBuffer;
  /** What has failed. */
  readonly errors: SharedArrayBuffer;
  /** What has failed and is to be tried again later. */
  readonly putOffs: SharedArrayBuffer;
  /** Own objects that may be picked, by pool; undefined for pools from which nothing is deleted. */
  readonly live: readonly (SharedArrayBuffer | undefined)[];
  /** Own directories with files in them, by pool; undefined for pools from which none are removed. */
  readonly full: readonly (SharedArrayBuffer | undefined)[];
  /** The trees of directories that a prepare stage makes. */
  readonly trees: TreeMemory;
}

/** What threads share to make trees of directories. */
export interface TreeMemory {
  /** Pools that have their trees made. */
  readonly pools: readonly number[];
  /** Sequence 0 deals directories, 1 counts those that are over and done with. */
  readonly sequences: SharedArrayBuffer;
}

/** The sequence that deals the cards of the mix. */
export const DECK_SEQUENCE = 0;

/** The sequence that deals positions to an entry of the mix. */
export function entrySequence(entry: number): number {
  return entry + 1;
}

/** Memory for the next stage, with the objects that are there now. */
export function allocateStageMemory(plan: AgentPlan, run: RunMemory, kind: StageKind): StageMemory {
  const { deleted, emptied } = runsMix(kind) ? removedPools(plan) : NONE;
  return {
    sequences: allocateSequences(plan.operations.length + 1),
    ledger: allocateEntryLedger(plan.operations.length),
    leases: allocateReadLeases(plan.concurrency),
    errors: allocateErrorTally(),
    putOffs: allocatePutOffs(),
    live: plan.pools.map(({ own }, pool) => {
      const states = run.poolStates[pool];
      return deleted.has(pool) && states !== undefined
        ? liveObjects(new ObjectStates(states, own.end - own.begin))
        : undefined;
    }),
    full: plan.pools.map((pool, index) => {
      const states = run.poolStates[index];
      const leaves = emptied.has(index) ? LeafDirectories.of(plan, index) : undefined;
      if (states === undefined || leaves === undefined) return undefined;
      return fullDirectories(leaves, pool, new ObjectStates(states, pool.own.end - pool.own.begin));
    }),
    trees: {
      pools: kind === 'prepare' ? treesToMake(plan, run) : [],
      sequences: allocateSequences(2),
    },
  };
}

/** Pools whose trees are not certainly there: those of which objects are missing, or that have none. */
function treesToMake(plan: AgentPlan, { poolStates }: RunMemory): number[] {
  return plan.pools.flatMap(({ count, own }, pool) => {
    const memory = poolStates[pool];
    if (memory === undefined || !hasDirectories(plan, pool)) return [];
    const states = new ObjectStates(memory, own.end - own.begin);
    const isThere = states.countOf('created') + states.countOf('found') === states.count;
    return count === 0 || !isThere ? [pool] : [];
  });
}

/** Pools of which the mix removes objects, and those of which it removes directories with them. */
export interface RemovedPools {
  readonly deleted: ReadonlySet<number>;
  readonly emptied: ReadonlySet<number>;
}

const NONE: RemovedPools = { deleted: new Set(), emptied: new Set() };

export function removedPools({ operations }: Pick<AgentPlan, 'operations'>): RemovedPools {
  const emptied = operations.flatMap((operation) =>
    operation.op === 'rmdir' ? operation.files : [],
  );
  const deleted = operations.flatMap((operation) =>
    operation.op === 'delete' && operation.source.type === 'pools' ? operation.source.pools : [],
  );
  return { deleted: new Set([...deleted, ...emptied]), emptied: new Set(emptied) };
}

/** Directories with files of this dataset, and none that somebody else has made or may have made. */
function fullDirectories(
  leaves: LeafDirectories,
  { own }: PoolPlan,
  states: ObjectStates,
): SharedArrayBuffer {
  const memory = allocateLiveSet(leaves.count);
  new LiveSet(memory, leaves.count).assign(leaves.count, (directory) => {
    const { begin, end } = leaves.ownFilesOf(directory);
    const has = (state: ObjectState): boolean =>
      states.nextIn(state, begin - own.begin) < end - own.begin;
    return begin < end && has('created') && !has('found') && !has('unknown');
  });
  return memory;
}

function liveObjects(states: ObjectStates): SharedArrayBuffer {
  const memory = allocateLiveSet(states.count);
  const live = new LiveSet(memory, states.count);
  live.assign(states.count, (object) => states.get(object) === 'created');
  return memory;
}
