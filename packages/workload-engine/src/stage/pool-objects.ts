import { Dataset, seedOf } from '@sai3bench/datagen';
import { ObjectStates } from '@sai3bench/metadata-cache';
import type { PoolPlan } from '@sai3bench/workload-config/plan';
import type { Random } from '../selection/random.ts';

/** A pool of the plan as a worker sees it: its dataset, and what has become of the agent's own objects. */
export class PoolObjects {
  readonly plan: PoolPlan;
  readonly dataset: Dataset;
  readonly #states: ObjectStates;

  /** @param statesMemory states of the pool's own objects */
  constructor(pool: PoolPlan, statesMemory: SharedArrayBuffer) {
    this.plan = pool;
    this.dataset = new Dataset({
      name: pool.name,
      prefix: pool.prefix,
      naming: pool.naming,
      count: pool.count,
      sizes: pool.sizes,
      fill: pool.fill,
      dedupFactor: pool.dedupFactor,
      compressFactor: pool.compressFactor,
      seed: seedOf(BigInt(pool.seed)),
    });
    this.#states = new ObjectStates(statesMemory, pool.own.end - pool.own.begin);
  }

  /** Number of objects that this agent creates and deletes. */
  get ownCount(): number {
    return this.#states.count;
  }

  isOwn(index: number): boolean {
    return index >= this.plan.own.begin && index < this.plan.own.end;
  }

  /** State of an object of the agent's own, by its index in the dataset. */
  stateOf(index: number): ReturnType<ObjectStates['get']> {
    return this.#states.get(index - this.plan.own.begin);
  }

  /** One of the agent's own objects that are there, counted from its first one; -1 when none is. */
  anyPresent(random: Random): number {
    const { count } = this.#states;
    const from = random.below(count);
    for (const state of ['created', 'found'] as const) {
      const next = this.#states.nextIn(state, from);
      const around = next < count ? next : this.#states.nextIn(state, 0);
      if (around < count) return around;
    }
    return -1;
  }

  setState(index: number, state: ReturnType<ObjectStates['get']>): void {
    this.#states.set(index - this.plan.own.begin, state);
  }
}
