/** A 64-bit seed as two unsigned 32-bit halves, the form in which hashing is cheap. */
export interface Seed {
  readonly low: number;
  readonly high: number;
}

/** The seed of a 64-bit number; higher bits are ignored. */
export function seedOf(value: bigint): Seed {
  return {
    low: Number(BigInt.asUintN(32, value)),
    high: Number(BigInt.asUintN(32, value >> 32n)),
  };
}

/** The seed as one 64-bit number, for people and files. */
export function seedToBigInt(seed: Seed): bigint {
  return (BigInt(seed.high) << 32n) | BigInt(seed.low);
}

/** A seed that depends on another and on a label, so that parts of a run draw independent numbers. */
export function deriveSeed(seed: Seed, label: string): Seed {
  let low = seed.low;
  let high = seed.high;
  for (let position = 0; position < label.length; position++) {
    const code = label.charCodeAt(position);
    low = mix32(low ^ code);
    high = mix32(high + low + Math.imul(code, 0x9e3779b1));
  }
  return { low: mix32(low ^ high ^ label.length), high: mix32(high + Math.imul(low, 0x85ebca6b)) };
}

/**
 * The `draw`-th random number in [0, 1) that belongs to item `index` of `seed`: a pure function, so
 * items can be computed in any order, by anyone, as often as needed.
 *
 * @param index whole number, 0 to 2^53
 * @param draw whole number, 0 to 2^31: tells apart several numbers of one item
 */
export function randomAt(seed: Seed, index: number, draw: number): number {
  const indexLow = index | 0;
  const indexHigh = (index / 2 ** 32) | 0;
  const a = mix32(seed.low ^ mix32(indexLow + Math.imul(draw, 0x9e3779b1)));
  const b = mix32(seed.high ^ mix32(a ^ indexHigh) ^ Math.imul(indexLow, 0x85ebca6b));
  return ((b >>> 5) * 2 ** 26 + (mix32(a + b) >>> 6)) / 2 ** 53;
}

/** Finaliser of MurmurHash3, a bijection of 32-bit numbers in which every bit affects every other. */
function mix32(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
