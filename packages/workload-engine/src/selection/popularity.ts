import type { Random } from './random.ts';

/** Draws ranks: 0 is the most popular of some number of objects. */
export interface Ranks {
  next(): number;
}

/** Every rank as likely as any other. */
export class UniformRanks implements Ranks {
  readonly #count: number;
  readonly #random: Random;

  constructor(count: number, random: Random) {
    this.#count = count;
    this.#random = random;
  }

  next(): number {
    return this.#random.below(this.#count);
  }
}

/**
 * Zipf's law: rank r is drawn in proportion to 1 / (r + 1)^theta. By rejection-inversion (Hörmann and Derflinger
 * 1996): no table, no sum over all ranks, any theta above 0, and seldom more than one try.
 */
export class ZipfRanks implements Ranks {
  readonly #count: number;
  readonly #theta: number;
  readonly #random: Random;
  /** The integral at the two ends, and how near to a rank it is taken without looking further. */
  readonly #first: number;
  readonly #last: number;
  readonly #near: number;

  constructor(count: number, theta: number, random: Random) {
    this.#count = count;
    this.#theta = theta;
    this.#random = random;
    this.#first = this.#integral(1.5) - 1;
    this.#last = this.#integral(count + 0.5);
    this.#near = 2 - this.#inverse(this.#integral(2.5) - this.#density(2));
  }

  next(): number {
    for (;;) {
      const area = this.#last + this.#random.fraction() * (this.#first - this.#last);
      const x = this.#inverse(area);
      const rank = Math.min(Math.max(Math.floor(x + 0.5), 1), this.#count);
      if (rank - x <= this.#near) return rank - 1;
      if (area >= this.#integral(rank + 0.5) - this.#density(rank)) return rank - 1;
    }
  }

  #density(x: number): number {
    return Math.exp(-this.#theta * Math.log(x));
  }

  /** Integral of the density from 1 to x, also where theta is 1. */
  #integral(x: number): number {
    const log = Math.log(x);
    return expm1Over((1 - this.#theta) * log) * log;
  }

  #inverse(area: number): number {
    // Rounding may lead just beyond the end of what has a logarithm.
    const product = Math.max(area * (1 - this.#theta), -1);
    return Math.exp(log1pOver(product) * area);
  }
}

/**
 * Self-similar popularity, as fio's `pareto`: a share h of the objects gets a share 1 - h of the accesses, a share
 * h of these objects gets a share 1 - h of those accesses, and so on. h = 0.2 is the 80/20 rule.
 */
export class ParetoRanks implements Ranks {
  readonly #count: number;
  readonly #power: number;
  readonly #random: Random;

  /** @param h above 0 and below 1 */
  constructor(count: number, h: number, random: Random) {
    this.#count = count;
    this.#power = Math.log(h) / Math.log(1 - h);
    this.#random = random;
  }

  next(): number {
    const rank = Math.floor(this.#count * this.#random.fraction() ** this.#power);
    return Math.min(rank, this.#count - 1);
  }
}

/** A hot part of the objects gets a share of the accesses, the rest the others; evenly within each. */
export class HotspotRanks implements Ranks {
  readonly #count: number;
  readonly #hot: number;
  readonly #share: number;
  readonly #random: Random;

  /**
   * @param objects which part of the objects is hot, 0 to 1; at least one object is
   * @param share of the accesses that goes to them, 0 to 1
   */
  constructor(count: number, objects: number, share: number, random: Random) {
    this.#count = count;
    this.#hot = Math.min(Math.max(1, Math.round(count * objects)), count);
    this.#share = share;
    this.#random = random;
  }

  next(): number {
    const cold = this.#count - this.#hot;
    if (cold === 0 || this.#random.fraction() < this.#share) return this.#random.below(this.#hot);
    return this.#hot + this.#random.below(cold);
  }
}

/** (e^x - 1) / x, also near 0. */
function expm1Over(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2;
}

/** ln(1 + x) / x, also near 0. */
function log1pOver(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2;
}
