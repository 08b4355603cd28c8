import {
  allocateObjectStates,
  type Checkpoint,
  EncodedSource,
  encodeStates,
  type KnownRange,
  type MetadataCache,
  ObjectStates,
  olderStates,
  restoreStates,
  type StateSource,
} from '@sai3bench/metadata-cache';
import { type DoubtableState, OURS } from '../pools/kept-pool.ts';
import { isMarkedIn } from '../pools/pool-marks.ts';
import { replaceWhere } from '../replace-where.ts';

/** Somebody who knows states of a pool's objects. */
export interface KnownStates {
  readonly source: StateSource;
  /** States that may not hold any more: more was done since they were written down. */
  readonly doubtful: readonly DoubtableState[];
  /** What it is, as in "a checkpoint of 12:00"; undefined for a cache. */
  readonly copy?: string;
}

/** What a checkpoint, written before the end of its run, may be wrong about: what it does not know to exist may exist. */
const PERHAPS_MADE: readonly DoubtableState[] = ['planned', 'creating', 'failed'];
/** What a run that deletes, and was killed, may be wrong about. */
const PERHAPS_GONE: readonly DoubtableState[] = ['created'];

export function knownFromCache(cache: MetadataCache, identity: string): KnownStates[] {
  const doubtful = isMarkedIn(cache, 'deleting', identity) ? PERHAPS_GONE : [];
  return cache.sources(identity).map((source) => ({ source, doubtful }));
}

export function knownFromCheckpoint(checkpoint: Checkpoint, identity: string): KnownStates[] {
  const { createdAt, pools } = checkpoint.manifest;
  const isDeleting = pools.some(
    ({ marks = [], ...pool }) => pool.identity === identity && marks.includes('deleting'),
  );
  const doubtful = isDeleting ? [...PERHAPS_MADE, ...PERHAPS_GONE] : PERHAPS_MADE;
  const copy = `a checkpoint of ${createdAt}`;
  return checkpoint.sources(identity).map((source) => ({ source, doubtful, copy }));
}

export function knownFromAgent(range: KnownRange, { doubtful, states }: ToldStates): KnownStates {
  const possible = [...PERHAPS_MADE, ...PERHAPS_GONE];
  return {
    source: new EncodedSource(range, states),
    doubtful: possible.filter((state) => doubtful.includes(state)),
    copy: 'what another agent knows',
  };
}

/** States of objects, encoded for another agent. */
export interface ToldStates {
  readonly states: Uint8Array;
  /** Names of states that may not hold any more. */
  readonly doubtful: readonly string[];
  /** When the first run began that made objects of the pool, ISO 8601; undefined where that is not known. */
  readonly madeSince: string | undefined;
}

/** What is known of objects from `begin` up to `end`, for another agent. */
export async function tellStates(
  known: readonly KnownStates[],
  begin: number,
  end: number,
): Promise<Omit<ToldStates, 'madeSince'>> {
  const sources = known.map(({ source }) => source);
  const states = new ObjectStates(allocateObjectStates(end - begin), end - begin);
  const restored = await restoreStates(states, begin, sources);
  const doubtful = new Set(restored.flatMap(({ source }) => known[source]?.doubtful ?? []));
  const older = await olderStates(states, begin, sources);
  if (older !== undefined) {
    // Who is told cannot tell the older ones from the others, so all are looked for.
    for (const state of OURS) {
      if (replaceWhere(states, older, state, state) > 0) doubtful.add(state);
    }
  }
  return { states: encodeStates(states), doubtful: [...doubtful] };
}
