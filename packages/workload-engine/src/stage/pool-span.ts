import type { PoolObjects } from './pool-objects.ts';

/** An object of a pool, by its index in the dataset. */
export interface PoolPosition {
  readonly pool: number;
  readonly index: number;
}

/** One pool after the other, or an object of each in turn. */
export type PoolOrder = 'sequential' | 'parallel';

type SpannedPool = Pick<PoolObjects, 'ownCount'> & {
  readonly plan: { readonly own: { readonly begin: number } };
};

/** Positions at which the same pools take turns, until one of them has none left. */
interface Turns {
  /** First position, and the objects that each pool has given before it. */
  readonly begin: number;
  readonly given: number;
  readonly pools: readonly number[];
}

/** The agent's own objects of all pools as one range of numbers. */
export class PoolSpan {
  readonly total: number;
  readonly #pools: readonly SpannedPool[];
  readonly #turns: readonly Turns[];

  constructor(pools: readonly SpannedPool[], order: PoolOrder = 'sequential') {
    this.#pools = pools;
    this.total = pools.reduce((sum, { ownCount }) => sum + ownCount, 0);
    this.#turns = order === 'parallel' ? turnsOf(pools) : inOrder(pools);
  }

  /** Pool, and index in its dataset, of object number `position`, 0 to `total` - 1. */
  at(position: number): PoolPosition {
    const turns = this.#turns.findLast(({ begin }) => begin <= position);
    if (turns === undefined || position >= this.total) {
      throw new RangeError(`there is no object number ${String(position)}`);
    }
    const { begin, given, pools } = turns;
    const pool = pools[(position - begin) % pools.length] ?? 0;
    const first = this.#pools[pool]?.plan.own.begin ?? 0;
    return { pool, index: first + given + Math.floor((position - begin) / pools.length) };
  }
}

function inOrder(pools: readonly SpannedPool[]): Turns[] {
  let begin = 0;
  return pools.flatMap(({ ownCount }, pool) => {
    if (ownCount === 0) return [];
    const turns = { begin, given: 0, pools: [pool] };
    begin += ownCount;
    return [turns];
  });
}

function turnsOf(pools: readonly SpannedPool[]): Turns[] {
  const turns: Turns[] = [];
  let begin = 0;
  let given = 0;
  for (;;) {
    const left = pools.flatMap(({ ownCount }, pool) => (ownCount > given ? [pool] : []));
    if (left.length === 0) return turns;
    turns.push({ begin, given, pools: left });
    const next = Math.min(...left.map((pool) => pools[pool]?.ownCount ?? 0));
    begin += (next - given) * left.length;
    given = next;
  }
}
