import type { Seed } from '@sai3bench/datagen';
import { Permutation } from './permutation.ts';

/** Decks larger than this are scaled down; shares are then exact to within 1 in this number. */
const MAX_CARDS = 10_000;

/** Hands out 0, 1, 2 and so on, each number once. */
export interface Sequence {
  next(): number;
}

/**
 * Draws from a weighted mix without replacement: after every full pass each entry has been drawn exactly in
 * proportion to its weight, in random order, so that short runs have the mix that was asked for too. Threads that draw from
 * the same sequence with the same seed share one deck: the mix is exact over all of them.
 */
export class Deck {
  readonly #seed: Seed;
  readonly #sequence: Sequence;
  readonly #weights: number[];
  #cards: Uint32Array = new Uint32Array();
  #order: Permutation;
  #pass = 0;
  #remaining = 0;

  /** @param weights of the entries, by entry number; at least one is above 0 */
  constructor(weights: readonly number[], seed: Seed, sequence: Sequence) {
    this.#seed = seed;
    this.#sequence = sequence;
    this.#weights = [...weights];
    this.#order = this.#fill();
  }

  /** How many entries have not been removed. */
  get remaining(): number {
    return this.#remaining;
  }

  /** The next entry number, or -1 when every entry has been removed. */
  draw(): number {
    const cards = this.#cards;
    if (this.#remaining <= 1) return cards[0] ?? -1;
    const number = this.#sequence.next();
    const card = number % cards.length;
    const pass = (number - card) / cards.length;
    if (pass !== this.#pass) {
      this.#order.reorder(pass);
      this.#pass = pass;
    }
    return cards[this.#order.at(card)] ?? -1;
  }

  /** Takes an entry out of the mix for good; the others keep their proportions. */
  remove(entry: number): void {
    this.#weights[entry] = 0;
    this.#order = this.#fill();
  }

  #fill(): Permutation {
    const total = this.#weights.reduce((sum, weight) => sum + weight, 0);
    const divisor = Math.max(greatestDivisor(this.#weights), total / MAX_CARDS);
    const cards = this.#weights.flatMap((weight, entry) =>
      weight === 0 ? [] : new Array<number>(Math.max(1, Math.round(weight / divisor))).fill(entry),
    );
    this.#cards = Uint32Array.from(cards);
    this.#remaining = this.#weights.filter((weight) => weight > 0).length;
    this.#pass = 0;
    return new Permutation(Math.max(1, cards.length), this.#seed);
  }
}

function greatestDivisor(weights: readonly number[]): number {
  const divide = (a: number, b: number): number => (b === 0 ? a : divide(b, a % b));
  return Math.max(1, weights.reduce(divide, 0));
}
