import {
  OBJECT_STATES,
  type ObjectState,
  STATE_CODES,
  type StateCounts,
  stateOfCode,
} from './object-state.ts';
import {
  BLOCK_OBJECTS,
  BLOCKS_PER_DIRTY_WORD,
  markDirty,
  OBJECTS_PER_WORD,
  viewStates,
} from './state-memory.ts';

/** Bits per object. */
const BITS = 4;
const MASK = 15;
const OBJECTS_PER_BYTE = 2;
/** The lowest bit of each object of a word. */
const LOW_BITS = 0x1111_1111;

/**
 * The states of a dense range of objects in memory that threads share. Any thread may read and change any state at
 * any time: of two that change one object at once, one is last. What changes is marked, so that a cache writes only
 * that.
 */
export class ObjectStates {
  /** What was given to the constructor: hand it to other threads. */
  readonly memory: SharedArrayBuffer;
  readonly count: number;
  readonly #words: Int32Array;
  /** The same memory. */
  readonly #bytes: Uint8Array;
  readonly #dirty: Int32Array;

  /** @param memory from `allocateObjectStates` with the same count */
  constructor(memory: SharedArrayBuffer, count: number) {
    const { words, dirty } = viewStates(memory, count);
    this.memory = memory;
    this.count = count;
    this.#words = words;
    this.#bytes = new Uint8Array(memory, 0, words.byteLength);
    this.#dirty = dirty;
  }

  /** The state of object `index`, 0 to `count` - 1. */
  get(index: number): ObjectState {
    return stateOfCode((Atomics.load(this.#words, wordOf(index)) >>> shiftOf(index)) & MASK);
  }

  /** Changes the state of one object; its neighbours may be changed by other threads meanwhile. */
  set(index: number, state: ObjectState): void {
    const shift = shiftOf(index);
    if (this.#change(wordOf(index), MASK << shift, STATE_CODES[state] << shift)) {
      this.#markBlock(Math.floor(index / BLOCK_OBJECTS));
    }
  }

  /** Puts the objects from `begin` up to `end` into one state. */
  fill(begin: number, end: number, state: ObjectState): void {
    if (begin >= end) return;
    const pattern = patternOf(state);
    const [firstWord, lastWord] = [wordOf(begin), wordOf(end - 1)];
    for (const word of new Set([firstWord, lastWord])) {
      const mask = rangeMask(word, begin, end);
      this.#change(word, mask, pattern & mask);
    }
    if (lastWord - firstWord > 1) this.#words.fill(pattern, firstWord + 1, lastWord);
    this.touch(begin, end);
  }

  /** Marks the objects from `begin` up to `end` as changed, so that a cache writes them again. */
  touch(begin: number, end: number): void {
    markDirty(this.#dirty, begin, end);
  }

  /**
   * Puts every object from `begin` up to `end` that is in state `from` into state `to`.
   *
   * @returns how many
   */
  replace(from: ObjectState, to: ObjectState, begin = 0, end = this.count): number {
    if (from === to) return 0;
    const pattern = patternOf(from);
    const difference = STATE_CODES[from] ^ STATE_CODES[to];
    let replaced = 0;
    for (let word = wordOf(begin); word * OBJECTS_PER_WORD < end; word++) {
      const mask = rangeMask(word, begin, end) & LOW_BITS;
      let seen = Atomics.load(this.#words, word);
      let matches = equalObjects(seen ^ pattern) & mask;
      while (matches !== 0) {
        const next = seen ^ Math.imul(matches, difference);
        const found = Atomics.compareExchange(this.#words, word, seen, next);
        if (found === seen) break;
        seen = found;
        matches = equalObjects(seen ^ pattern) & mask;
      }
      if (matches === 0) continue;
      replaced += countBits(matches);
      this.#markBlock(Math.floor((word * OBJECTS_PER_WORD) / BLOCK_OBJECTS));
    }
    return replaced;
  }

  /**
   * Puts every object that is `unknown` into the state that it has in another memory of as many objects. It marks
   * nothing as changed, and nobody may change either meanwhile.
   */
  fillUnknown(from: ObjectStates): void {
    for (let word = 0; word < this.#words.length; word++) {
      const seen = this.#words[word] ?? 0;
      const unknown = Math.imul(equalObjects(seen), MASK);
      if (unknown !== 0) this.#words[word] = seen | ((from.#words[word] ?? 0) & unknown);
    }
  }

  /** How many objects from `begin` up to `end` are in a state. */
  countOf(state: ObjectState, begin = 0, end = this.count): number {
    const pattern = patternOf(state);
    let found = 0;
    for (let word = wordOf(begin); word * OBJECTS_PER_WORD < end; word++) {
      const equal = equalObjects(Atomics.load(this.#words, word) ^ pattern);
      found += countBits(equal & rangeMask(word, begin, end));
    }
    return found;
  }

  /** How many objects from `begin` up to `end` are in each state. */
  counts(begin = 0, end = this.count): StateCounts {
    // A byte has two objects: there are only so many bytes, and the states of each are looked at once.
    const ofBytes = new Float64Array(256);
    const firstByte = Math.ceil(begin / OBJECTS_PER_BYTE);
    const endByte = Math.max(Math.floor(end / OBJECTS_PER_BYTE), firstByte);
    for (let byte = firstByte; byte < endByte; byte++) {
      const value = this.#bytes[byte] ?? 0;
      ofBytes[value] = (ofBytes[value] ?? 0) + 1;
    }
    const codes = new Float64Array(MASK + 1);
    const add = (code: number, objects: number): void => {
      codes[code] = (codes[code] ?? 0) + objects;
    };
    ofBytes.forEach((bytes, value) => {
      add(value & MASK, bytes);
      add(value >>> BITS, bytes);
    });
    if (begin % OBJECTS_PER_BYTE !== 0 && begin < end) add(STATE_CODES[this.get(begin)], 1);
    const last = endByte * OBJECTS_PER_BYTE;
    if (last >= begin && last < end) add(STATE_CODES[this.get(last)], 1);
    return Object.fromEntries(
      OBJECT_STATES.map((state) => [state, codes[STATE_CODES[state]] ?? 0]),
    ) as Record<ObjectState, number>;
  }

  /** The first object from `from` up to `end` that is in a state; `end` when there is none. */
  nextIn(state: ObjectState, from: number, end = this.count): number {
    return this.#next(patternOf(state), 0, from, end);
  }

  /** The first object from `from` up to `end` that is in any other state; `end` when there is none. */
  nextNotIn(state: ObjectState, from: number, end = this.count): number {
    return this.#next(patternOf(state), LOW_BITS, from, end);
  }

  /** @param invert {@link LOW_BITS} to look for objects that differ from the pattern, else 0 */
  #next(pattern: number, invert: number, from: number, end: number): number {
    if (from >= end) return end;
    const lastWord = wordOf(end - 1);
    let word = wordOf(from);
    let mask = -1 << shiftOf(from);
    for (; word <= lastWord; word++) {
      const equal = equalObjects(Atomics.load(this.#words, word) ^ pattern);
      const matches = (equal ^ invert) & mask;
      if (matches !== 0) {
        const object = (31 - Math.clz32(matches & -matches)) / BITS;
        return Math.min(word * OBJECTS_PER_WORD + object, end);
      }
      mask = -1;
    }
    return end;
  }

  /** Sets the bits of a mask; false when they were set already. */
  #change(word: number, mask: number, bits: number): boolean {
    let seen = Atomics.load(this.#words, word);
    for (;;) {
      const next = (seen & ~mask) | bits;
      if (next === seen) return false;
      const found = Atomics.compareExchange(this.#words, word, seen, next);
      if (found === seen) return true;
      seen = found;
    }
  }

  /**
   * The state is changed before its block is marked, and who flushes takes the mark before the states: a mark that
   * is seen here is one that is yet to be taken.
   */
  #markBlock(block: number): void {
    const word = Math.floor(block / BLOCKS_PER_DIRTY_WORD);
    const bit = 1 << (block % BLOCKS_PER_DIRTY_WORD);
    if ((Atomics.load(this.#dirty, word) & bit) === 0) Atomics.or(this.#dirty, word, bit);
  }
}

function wordOf(index: number): number {
  return (index / OBJECTS_PER_WORD) | 0;
}

function shiftOf(index: number): number {
  return (index % OBJECTS_PER_WORD) * BITS;
}

/** A word whose objects are all in one state. */
function patternOf(state: ObjectState): number {
  return Math.imul(STATE_CODES[state], LOW_BITS);
}

/** All bits of those objects of a word that are within a range. */
function rangeMask(word: number, begin: number, end: number): number {
  const first = Math.max(begin - word * OBJECTS_PER_WORD, 0);
  const last = Math.min(end - word * OBJECTS_PER_WORD, OBJECTS_PER_WORD);
  if (first >= last) return 0;
  return (-1 << (first * BITS)) & (-1 >>> ((OBJECTS_PER_WORD - last) * BITS));
}

/** The lowest bit of each object whose four bits are all zero. */
function equalObjects(difference: number): number {
  const pairs = difference | (difference >>> 2);
  return ~(pairs | (pairs >>> 1)) & LOW_BITS;
}

/** How many lowest bits of objects are set: their sum gathers in the highest object. */
function countBits(lowBits: number): number {
  return Math.imul(lowBits, LOW_BITS) >>> (32 - BITS);
}
