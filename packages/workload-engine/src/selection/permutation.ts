import type { Seed } from '@sai3bench/datagen';

const ROUNDS = 4;

/**
 * The numbers 0 to `count` - 1 in an order that looks random and is never stored: where number i comes is computed
 * from i, in the same time for ten numbers and for 10^15.
 *
 * A Feistel network on a rectangle (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"): i is column and
 * row of a rectangle with about `count` places, nearly a square. Each round moves all places of a row along the row, or of a
 * column along the column, by an amount that is hashed from the row or column, and can therefore be undone. The
 * rectangle has at most one column more than `count` needs; what ends outside goes through again ("cycle walking"),
 * which stays a permutation and is rare.
 */
export class Permutation {
  readonly count: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #seed: Seed;
  readonly #keys = new Int32Array(ROUNDS);

  /** @param count from 1 to 2^53 */
  constructor(count: number, seed: Seed) {
    this.count = count;
    this.#columns = Math.ceil(Math.sqrt(count));
    this.#rows = Math.ceil(count / this.#columns);
    this.#seed = seed;
    this.reorder(0);
  }

  /** Takes on another order, as different as with another seed: number `variant`, a whole number from 0. */
  reorder(variant: number): void {
    const { high, low } = this.#seed;
    const salt = mix(variant | 0) ^ mix(~(variant / 2 ** 32));
    for (let round = 0; round < ROUNDS; round++) {
      this.#keys[round] = mix(low ^ mix(high + salt + Math.imul(round + 1, 0x9e3779b1)));
    }
  }

  /** The number at place `index`. */
  at(index: number): number {
    let place = index;
    do place = this.#encipher(place);
    while (place >= this.count);
    return place;
  }

  #encipher(place: number): number {
    const columns = this.#columns;
    const rows = this.#rows;
    const keys = this.#keys;
    let column = place % columns;
    let row = (place - column) / columns;
    for (let round = 0; round < ROUNDS; round += 2) {
      column += scaled(mix(row ^ (keys[round] ?? 0)), columns);
      if (column >= columns) column -= columns;
      row += scaled(mix(column ^ (keys[round + 1] ?? 0)), rows);
      if (row >= rows) row -= rows;
    }
    return row * columns + column;
  }
}

function scaled(hash: number, limit: number): number {
  return Math.floor(((hash >>> 0) / 2 ** 32) * limit);
}

/** A bijection of 32-bit numbers in which every bit affects every other ("lowbias32" of C. Wellons). */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
