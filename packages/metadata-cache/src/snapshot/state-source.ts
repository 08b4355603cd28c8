import type { ObjectStates } from '../states/object-states.ts';
import { type Choice, chooseNewest, type IndexRange, type KnownRange } from './known-range.ts';
import { decodeStates } from './state-codec.ts';

/** Something that knows states of a pool's objects: a cache, a checkpoint, or what another agent has sent. */
export interface StateSource {
  readonly ranges: readonly KnownRange[];
  /**
   * Copies the states of a part of one of the ranges.
   *
   * @param range what to copy, within `known`
   * @param known the range of this source to copy from
   * @param index where the first of them goes
   */
  copyTo(states: ObjectStates, range: IndexRange, known: KnownRange, index: number): Promise<void>;
}

/** A range of states that {@link encodeStates} has encoded. */
export class EncodedSource implements StateSource {
  readonly ranges: readonly KnownRange[];
  readonly #encoded: Uint8Array;

  constructor(range: KnownRange, encoded: Uint8Array) {
    this.ranges = [range];
    this.#encoded = encoded;
  }

  async copyTo(
    states: ObjectStates,
    range: IndexRange,
    known: KnownRange,
    index: number,
  ): Promise<void> {
    const count = range.end - range.begin;
    decodeStates(this.#encoded, states, range.begin - known.begin, index, count);
  }
}

/**
 * Fills states from whoever knows them best, see {@link chooseNewest}. Objects that nobody knows keep their state.
 *
 * @param begin index of the first object in the pool
 * @returns what was taken from whom
 */
export async function restoreStates(
  states: ObjectStates,
  begin: number,
  sources: readonly StateSource[],
): Promise<readonly Choice[]> {
  const within = { begin, end: begin + states.count };
  const choices = chooseNewest(
    sources.map(({ ranges }) => ranges),
    within,
  );
  for (const choice of choices) {
    await sources[choice.source]?.copyTo(states, choice, choice.known, choice.begin - begin);
  }
  return choices;
}
