import { deriveSeed, type Seed } from '@sai3bench/datagen';
import type { AccessPlan } from '@sai3bench/workload-config/plan';
import type { Sequence } from './deck.ts';
import { Permutation } from './permutation.ts';
import { HotspotRanks, ParetoRanks, type Ranks, UniformRanks, ZipfRanks } from './popularity.ts';
import type { Random } from './random.ts';

/** Yields positions in a list of objects, one for each operation. */
export interface Positions {
  /** A whole number from 0 up to but not including the number of objects. */
  next(): number;
}

/** What positions are drawn from. */
export interface PositionSources {
  readonly random: Random;
  /** Shared by all threads that deal from the same list. */
  readonly sequence: Sequence;
  /** Says which objects are popular, and the order of `shuffled`: the same for all threads. */
  readonly seed: Seed;
}

/** Whether an access pattern goes through all objects, each once in a pass. */
export function isDealt(access: AccessPlan): boolean {
  return access.type === 'sequential' || access.type === 'shuffled';
}

/** Positions by an access pattern, in constant time and memory each. @param count at least 1 */
export function positionsOf(
  access: AccessPlan,
  count: number,
  { random, seed, sequence }: PositionSources,
): Positions {
  const scattered = (ranks: Ranks): Positions => new ScatteredRanks(ranks, count, seed);
  switch (access.type) {
    case 'uniform':
      return new UniformRanks(count, random);
    case 'sequential':
      return new SequentialPositions(count, sequence);
    case 'shuffled':
      return new ShuffledPositions(count, seed, sequence);
    case 'zipf':
      return scattered(new ZipfRanks(count, access.theta, random));
    case 'pareto':
      return scattered(new ParetoRanks(count, access.h, random));
    case 'hotspot':
      return scattered(new HotspotRanks(count, access.objects, access.share, random));
  }
}

/** Popular objects lie anywhere, not side by side in one directory or one shard. */
class ScatteredRanks implements Positions {
  readonly #ranks: Ranks;
  readonly #places: Permutation;

  constructor(ranks: Ranks, count: number, seed: Seed) {
    this.#ranks = ranks;
    this.#places = new Permutation(count, deriveSeed(seed, 'popularity'));
  }

  next(): number {
    return this.#places.at(this.#ranks.next());
  }
}

class SequentialPositions implements Positions {
  readonly #count: number;
  readonly #sequence: Sequence;

  constructor(count: number, sequence: Sequence) {
    this.#count = count;
    this.#sequence = sequence;
  }

  next(): number {
    return this.#sequence.next() % this.#count;
  }
}

/** Every pass has an order of its own. */
class ShuffledPositions implements Positions {
  readonly #sequence: Sequence;
  readonly #order: Permutation;
  #pass = 0;

  constructor(count: number, seed: Seed, sequence: Sequence) {
    this.#sequence = sequence;
    this.#order = new Permutation(count, deriveSeed(seed, 'shuffled'));
  }

  next(): number {
    const number = this.#sequence.next();
    const place = number % this.#order.count;
    const pass = (number - place) / this.#order.count;
    if (pass !== this.#pass) {
      this.#order.reorder(pass);
      this.#pass = pass;
    }
    return this.#order.at(place);
  }
}
