/** Objects `begin` up to but not including `end` of a pool. */
export interface PoolPart {
  readonly pool: number;
  readonly begin: number;
  readonly end: number;
}

/** Parts of pools, one after the other, as one range of positions. */
export class ObjectSpan {
  readonly total: number;
  readonly #parts: readonly PoolPart[];
  /** What {@link locate} has found: kept here, so that it allocates nothing. */
  pool = 0;
  object = 0;

  constructor(parts: readonly PoolPart[]) {
    this.#parts = parts.filter(({ begin, end }) => end > begin);
    this.total = this.#parts.reduce((sum, { begin, end }) => sum + end - begin, 0);
  }

  /** Finds pool and object at a position from 0 up to but not including `total`. */
  locate(position: number): void {
    let rest = position;
    for (const { begin, end, pool } of this.#parts) {
      if (rest < end - begin) {
        this.pool = pool;
        this.object = begin + rest;
        return;
      }
      rest -= end - begin;
    }
    throw new RangeError(`there is no position ${String(position)}`);
  }
}
