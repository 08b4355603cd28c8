import type { Seed } from '@sai3bench/datagen';

/**
 * A fast random number generator for choices that need not be recomputed: xoshiro128** (Blackman and Vigna 2018)
 * with its state derived from a seed.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: Seed) {
    this.#a = seed.low | 1;
    this.#b = seed.high;
    this.#c = seed.low ^ 0x9e3779b9;
    this.#d = seed.high ^ 0x243f6a88;
    for (let round = 0; round < 16; round++) this.#next();
  }

  /** A number from 0 up to but not including 1, one of 2^53; may be passed on as a function. */
  readonly fraction = (): number => {
    const wide = this.#next() * 2 ** 21 + (this.#next() >>> 11);
    return wide / 2 ** 53;
  };

  /** A whole number from 0 up to but not including `limit`, which is at most 2^53. */
  below(limit: number): number {
    if (limit <= 2 ** 32) return Math.floor((this.#next() / 2 ** 32) * limit);
    return Math.floor(this.fraction() * limit);
  }

  #next(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }
}
