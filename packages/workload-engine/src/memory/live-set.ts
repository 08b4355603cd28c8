import type { Random } from '../selection/random.ts';

/**
 * Layout: one bit per object, then, level above level, one bit for each word of the level below that is not empty,
 * up to a level of a single word. 64 million objects take 8.3 MB in 6 levels.
 */
const BITS = 32;
/** How often a random way down may end in a word that has just become empty. */
const MAX_DESCENTS = 8;

/** First word and number of words of each level, from the objects up. */
function levelsOf(count: number): { begin: number; words: number }[] {
  const levels: { begin: number; words: number }[] = [];
  let begin = 0;
  let words = Math.max(1, Math.ceil(count / BITS));
  for (;;) {
    levels.push({ begin, words });
    if (words === 1) return levels;
    begin += words;
    words = Math.ceil(words / BITS);
  }
}

/** Memory for a set of some of the numbers 0 to `count` - 1; it begins empty. */
export function allocateLiveSet(count: number): SharedArrayBuffer {
  const words = levelsOf(count).reduce((sum, level) => sum + level.words, 0);
  return new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Which objects are there to be picked, in memory that threads share. Taking an object out decides between threads: one of
 * them gets it. Any member is found in as many steps as there are levels, however few are left.
 *
 * The bit of a word in the level above may be set though the word is empty, never for long the other way round: who
 * clears it looks again afterwards, and sets it again if somebody has added a member meanwhile.
 */
export class LiveSet {
  readonly #words: Int32Array;
  readonly #levels: readonly { begin: number; words: number }[];

  /** @param memory from {@link allocateLiveSet} with the same count */
  constructor(memory: SharedArrayBuffer, count: number) {
    this.#words = new Int32Array(memory);
    this.#levels = levelsOf(count);
  }

  /** Makes it the set of the numbers below `count` that belong to it, before threads share it: faster than to add each. */
  assign(count: number, belongs: (number: number) => boolean): void {
    const words = this.#words.fill(0);
    for (let number = 0; number < count; number++) {
      if (belongs(number)) setBit(words, Math.floor(number / BITS), number);
    }
    for (const [level, { begin, words: length }] of this.#levels.entries()) {
      const above = this.#levels[level + 1]?.begin;
      if (above === undefined) return;
      for (let word = 0; word < length; word++) {
        if (words[begin + word] !== 0) setBit(words, above + Math.floor(word / BITS), word);
      }
    }
  }

  has(member: number): boolean {
    return (this.#load(0, Math.floor(member / BITS)) & bitOf(member)) !== 0;
  }

  add(member: number): void {
    let position = member;
    for (const { begin } of this.#levels) {
      const word = Math.floor(position / BITS);
      // Others have told the levels above, or are about to.
      if (Atomics.or(this.#words, begin + word, bitOf(position)) !== 0) return;
      position = word;
    }
  }

  /** Takes a member out; false when it is none, or another thread was faster. */
  take(member: number): boolean {
    let position = member;
    for (let level = 0; level < this.#levels.length; level++) {
      const word = Math.floor(position / BITS);
      const bit = bitOf(position);
      const before = Atomics.and(this.#words, (this.#levels[level]?.begin ?? 0) + word, ~bit);
      if (level === 0 && (before & bit) === 0) return false;
      if (level > 0 && this.#load(level - 1, position) !== 0) {
        this.#announce(level, position);
        return true;
      }
      if ((before & ~bit) !== 0) return true;
      position = word;
    }
    return true;
  }

  /** The first member from `from` on, or -1. */
  next(from: number): number {
    let level = 0;
    let position = from;
    while (level < this.#levels.length) {
      const word = Math.floor(position / BITS);
      const rest = this.#load(level, word) & (-1 << (position % BITS));
      if (rest === 0) {
        position = word + 1;
        level++;
      } else {
        const found = word * BITS + lowestBit(rest);
        if (level === 0) return found;
        position = found * BITS;
        level--;
      }
    }
    return -1;
  }

  /**
   * Some member, or -1 when there is none. Goes down from the top and chooses any way at each level: members in thinly
   * populated parts are likelier than others.
   */
  any(random: Random): number {
    for (let descent = 0; descent < MAX_DESCENTS; descent++) {
      let position = 0;
      for (let level = this.#levels.length - 1; level >= 0 && position >= 0; level--) {
        const word = this.#load(level, position);
        position = word === 0 ? -1 : position * BITS + bitNumber(word, random.below(bitsIn(word)));
      }
      if (position >= 0) return position;
    }
    return this.next(0);
  }

  #announce(level: number, position: number): void {
    let bit = position;
    for (let above = level; above < this.#levels.length; above++) {
      const word = Math.floor(bit / BITS);
      if (Atomics.or(this.#words, (this.#levels[above]?.begin ?? 0) + word, bitOf(bit)) !== 0)
        return;
      bit = word;
    }
  }

  #load(level: number, word: number): number {
    const place = this.#levels[level];
    return place === undefined || word >= place.words
      ? 0
      : Atomics.load(this.#words, place.begin + word);
  }
}

function bitOf(position: number): number {
  return 1 << (position % BITS);
}

/** Sets a bit of memory that no other thread uses yet. */
function setBit(words: Int32Array, word: number, position: number): void {
  words[word] = (words[word] ?? 0) | bitOf(position);
}

function lowestBit(word: number): number {
  return BITS - 1 - Math.clz32(word & -word);
}

/** How many bits of a word are set (the SWAR sum of "Hacker's Delight", section 5-1). */
function bitsIn(word: number): number {
  let sum = word - ((word >>> 1) & 0x5555_5555);
  sum = (sum & 0x3333_3333) + ((sum >>> 2) & 0x3333_3333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Which bit is the `index`-th that is set. */
function bitNumber(word: number, index: number): number {
  let rest = word;
  for (let skipped = 0; skipped < index; skipped++) rest &= rest - 1;
  return lowestBit(rest);
}
