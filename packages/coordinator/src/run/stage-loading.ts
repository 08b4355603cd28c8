import { SharedWork } from './shared-work.ts';

/** What is known of the objects of a dataset before a prepare stage begins. */
export interface ObjectsFound {
  readonly existing: number;
  readonly missing: number;
}

/** The agents getting ready for a stage: what all of them together have done of it. */
export class StageLoading extends SharedWork {
  #existing = 0;
  #missing = 0;

  /** The objects of all agents that are loaded. */
  get found(): ObjectsFound {
    return { existing: this.#existing, missing: this.#missing };
  }

  /** Notes what an agent that is ready has found. */
  loaded(existing: number, missing: number): void {
    this.moved();
    this.#existing += existing;
    this.#missing += missing;
  }
}
