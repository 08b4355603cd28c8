import type { PoolObjects } from '../stage/pool-objects.ts';
import type { Slot } from '../stage/slot.ts';
import type { Random } from './random.ts';

/** An own object that was not created is drawn again at most this often. */
const MAX_REDRAWS = 64;

/**
 * Picks objects of pools to read, each as likely as any other. Objects of other agents are taken to exist: they
 * passed the barrier after prepare.
 */
export class ObjectPicker {
  readonly #pools: readonly { readonly objects: PoolObjects; readonly pool: number }[];
  readonly #total: number;
  readonly #random: Random;
  readonly #statesKnown: boolean;

  /**
   * @param wanted numbers of the pools to pick from
   * @param statesKnown whether this run has prepared the pools; otherwise all objects are taken to exist
   */
  constructor(
    pools: readonly PoolObjects[],
    wanted: readonly number[],
    random: Random,
    statesKnown: boolean,
  ) {
    this.#pools = wanted.flatMap((pool) => {
      const objects = pools[pool];
      return objects === undefined ? [] : [{ objects, pool }];
    });
    this.#total = this.#pools.reduce((sum, { objects }) => sum + objects.dataset.count, 0);
    this.#random = random;
    this.#statesKnown = statesKnown;
  }

  /** Puts an object's pool, key and expected length into a slot; false when none can be found. */
  pickInto(slot: Slot): boolean {
    for (let draw = 0; draw < MAX_REDRAWS; draw++) {
      let rest = this.#random.below(this.#total);
      for (const { objects, pool } of this.#pools) {
        const { count } = objects.dataset;
        if (rest >= count) {
          rest -= count;
          continue;
        }
        if (!this.#exists(objects, rest)) break;
        slot.store = objects.plan.store;
        slot.pool = pool;
        slot.object = rest;
        slot.request.key = objects.dataset.keyOf(rest);
        slot.expectedBytes = objects.dataset.sizeOf(rest);
        return true;
      }
    }
    return false;
  }

  #exists(objects: PoolObjects, index: number): boolean {
    if (!this.#statesKnown || !objects.isOwn(index)) return true;
    return objects.stateOf(index) === 'created';
  }
}
