import type { PoolObjects } from './pool-objects.ts';

/** The agent's own objects of all pools, one pool after the other, as one range of numbers. */
export class PoolSpan {
  readonly total: number;
  readonly #pools: readonly PoolObjects[];

  constructor(pools: readonly PoolObjects[]) {
    this.#pools = pools;
    this.total = pools.reduce((sum, { ownCount }) => sum + ownCount, 0);
  }

  /** Pool, and index in its dataset, of object number `position`, 0 to `total` - 1. */
  at(position: number): { pool: number; index: number } {
    let rest = position;
    for (const [pool, { ownCount, plan }] of this.#pools.entries()) {
      if (rest < ownCount) return { pool, index: plan.own.begin + rest };
      rest -= ownCount;
    }
    throw new RangeError(`there is no object number ${String(position)}`);
  }
}
