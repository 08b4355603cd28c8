import type { Checkpoint, KnownRange, MetadataCache } from '@sai3bench/metadata-cache';
import {
  knownFromAgent,
  knownFromCache,
  knownFromCheckpoint,
  type KnownStates,
  type ToldStates,
} from './known-states.ts';

/** All who know states of the objects of a run: caches on this host, checkpoints, and what other agents have told. */
export class KnownSources {
  readonly #own: MetadataCache | undefined;
  readonly #siblings: readonly MetadataCache[];
  readonly #checkpoints: readonly Checkpoint[];
  /** By identity. */
  readonly #told = new Map<string, KnownStates[]>();

  /**
   * @param own cache of the agent
   * @param siblings caches of agents that take no part in the run
   */
  constructor(
    own: MetadataCache | undefined,
    siblings: readonly MetadataCache[],
    checkpoints: readonly Checkpoint[],
  ) {
    this.#own = own;
    this.#siblings = siblings;
    this.#checkpoints = checkpoints;
  }

  /** What is known of a pool, but for what other agents have told: they know that themselves. */
  withoutAgents(identity: string): KnownStates[] {
    return [...this.ownCache(identity), ...this.#beside(identity, [])];
  }

  /** What the agent's cache knows of a pool. */
  ownCache(identity: string): KnownStates[] {
    return this.#own === undefined ? [] : knownFromCache(this.#own, identity);
  }

  /** What all but the agent's cache know of a pool. */
  besideOwnCache(identity: string): KnownStates[] {
    return this.#beside(identity, this.#told.get(identity) ?? []);
  }

  /** Takes note of what another agent knows. */
  learn(identity: string, range: KnownRange, told: ToldStates): void {
    const known = this.#told.get(identity) ?? [];
    known.push(knownFromAgent(range, told));
    this.#told.set(identity, known);
  }

  /** Says that what the caches of other agents know is taken over. */
  async closeSiblings(): Promise<void> {
    for (const sibling of this.#siblings) await sibling.close();
  }

  #beside(identity: string, told: readonly KnownStates[]): KnownStates[] {
    return [
      ...this.#siblings.flatMap((sibling) => knownFromCache(sibling, identity)),
      ...told,
      ...this.#checkpoints.flatMap((checkpoint) => knownFromCheckpoint(checkpoint, identity)),
    ];
  }
}
