import type { PlainPoolCondition } from '@sai3bench/barrier-protocol';
import { SharedWork } from './shared-work.ts';

/** What is known of the objects of a dataset before a prepare stage begins. */
export interface ObjectsFound {
  readonly existing: number;
  readonly missing: number;
}

/** The agents getting ready for a stage: what all of them together have done of it. */
export class StageLoading extends SharedWork {
  readonly #conditions = new Map<string, PlainPoolCondition>();
  #existing = 0;
  #missing = 0;

  /** The objects of all agents that are loaded. */
  get found(): ObjectsFound {
    return { existing: this.#existing, missing: this.#missing };
  }

  /** The datasets of all agents that are loaded. */
  get conditions(): readonly PlainPoolCondition[] {
    return [...this.#conditions.values()];
  }

  /** Notes what an agent that is ready has found, and how its parts of the datasets are. */
  loaded({ existing, missing }: ObjectsFound, parts: readonly PlainPoolCondition[]): void {
    this.moved();
    this.#existing += existing;
    this.#missing += missing;
    for (const { identity, isOurs, isWhole } of parts) {
      const others = this.#conditions.get(identity);
      this.#conditions.set(identity, {
        identity,
        isOurs: isOurs && others?.isOurs !== false,
        isWhole: isWhole && others?.isWhole !== false,
      });
    }
  }
}
