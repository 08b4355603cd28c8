import {
  type Checkpoint,
  type IndexRange,
  type KnownRange,
  type MetadataCache,
  type StateSource,
} from '@sai3bench/metadata-cache';
import type { KeptPool } from '../pools/kept-pool.ts';

/** States in a checkpoint that the run is not about: they go into the next one as they are. */
export interface ForeignStates {
  readonly identity: string;
  /** A part of `known`. */
  readonly range: KnownRange;
  readonly known: KnownRange;
  readonly source: StateSource;
  readonly marks: readonly string[];
  readonly madeSince: string | undefined;
}

/** Tells what a run is about from other datasets, and from what lies beyond the ends of its own. */
export class Foreignness {
  readonly #counts: ReadonlyMap<string, number>;

  constructor(pools: readonly KeptPool[]) {
    this.#counts = new Map(pools.map(({ identity, objects }) => [identity, objects.plan.count]));
  }

  /** Whether a cache knows something of a pool that the run is not about. */
  isIn(cache: MetadataCache, identity: string): boolean {
    return cache.known(identity).some((range) => this.#partOf(identity, range) !== undefined);
  }

  /** What a checkpoint knows that the run is not about. */
  statesIn(checkpoint: Checkpoint): ForeignStates[] {
    const { pools } = checkpoint.manifest;
    return pools.flatMap(({ identity, madeSince, marks = [], range: known }) => {
      const part = this.#partOf(identity, known);
      const source = checkpoint
        .sources(identity)
        .find(({ ranges }) =>
          ranges.some(({ begin, end }) => begin === known.begin && end === known.end),
        );
      if (part === undefined || source === undefined) return [];
      return [{ identity, madeSince, marks, known, source, range: { ...known, ...part } }];
    });
  }

  #partOf(identity: string, { begin, end }: IndexRange): IndexRange | undefined {
    const from = Math.max(begin, this.#counts.get(identity) ?? 0);
    return from < end ? { begin: from, end } : undefined;
  }
}
