import type { Random } from './random.ts';

/** Decks larger than this are scaled down; shares are then exact to within 1 in this number. */
const MAX_CARDS = 10_000;

/**
 * Draws from a weighted mix without replacement: after every full pass each entry has been drawn exactly in
 * proportion to its weight, in random order, so that short runs have the mix that was asked for too.
 */
export class Deck {
  readonly #random: Random;
  readonly #weights: number[];
  #cards: number[] = [];
  #position = 0;

  /** @param weights of the entries, by entry number; at least one is above 0 */
  constructor(weights: readonly number[], random: Random) {
    this.#weights = [...weights];
    this.#random = random;
    this.#fill();
  }

  /** The next entry number, or -1 when every entry has been removed. */
  draw(): number {
    if (this.#position === this.#cards.length) this.#shuffle();
    return this.#cards[this.#position++] ?? -1;
  }

  /** Takes an entry out of the mix for good; the others keep their proportions. */
  remove(entry: number): void {
    this.#weights[entry] = 0;
    this.#fill();
  }

  #fill(): void {
    const total = this.#weights.reduce((sum, weight) => sum + weight, 0);
    const divisor = Math.max(greatestDivisor(this.#weights), total / MAX_CARDS);
    this.#cards = this.#weights.flatMap((weight, entry) =>
      weight === 0 ? [] : new Array<number>(Math.max(1, Math.round(weight / divisor))).fill(entry),
    );
    this.#shuffle();
  }

  /** Fisher and Yates. */
  #shuffle(): void {
    const cards = this.#cards;
    for (let last = cards.length - 1; last > 0; last--) {
      const other = this.#random.below(last + 1);
      const card = cards[last] ?? 0;
      cards[last] = cards[other] ?? 0;
      cards[other] = card;
    }
    this.#position = 0;
  }
}

function greatestDivisor(weights: readonly number[]): number {
  const divide = (a: number, b: number): number => (b === 0 ? a : divide(b, a % b));
  return Math.max(1, weights.reduce(divide, 0));
}
