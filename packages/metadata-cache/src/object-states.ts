import { OBJECT_STATES, type ObjectState } from './object-state.ts';

/**
 * Layout: four bits per object, eight objects per 32-bit word, objects in order from the low bits up.
 *
 *   word w:  | 8w+7 | 8w+6 | ... | 8w+1 | 8w |      each the index of a state in OBJECT_STATES
 */
const BITS = 4;
const PER_WORD = 8;
const MASK = 15;

/** Memory for the states of `count` objects, all `planned`: half a byte for each. */
export function allocateObjectStates(count: number): SharedArrayBuffer {
  return new SharedArrayBuffer(Math.ceil(count / PER_WORD) * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * The states of a dense range of objects in memory that threads share. Any thread may read any state; the state
 * of one object is changed by one thread at a time, whoever works on it.
 */
export class ObjectStates {
  readonly count: number;
  readonly #words: Int32Array;

  /** @param memory from {@link allocateObjectStates} with the same count */
  constructor(memory: SharedArrayBuffer, count: number) {
    this.#words = new Int32Array(memory);
    this.count = count;
  }

  /** The state of object `index`, 0 to `count` - 1. */
  get(index: number): ObjectState {
    return OBJECT_STATES[this.#code(index)] ?? 'planned';
  }

  /** Changes the state of one object; neighbours in the same word may be changed by other threads meanwhile. */
  set(index: number, state: ObjectState): void {
    const change = this.#code(index) ^ OBJECT_STATES.indexOf(state);
    if (change !== 0) Atomics.xor(this.#words, wordOf(index), change << shiftOf(index));
  }

  /** How many objects are in a state. */
  countOf(state: ObjectState): number {
    let found = 0;
    for (
      let index = this.nextIn(state, 0);
      index < this.count;
      index = this.nextIn(state, index + 1)
    ) {
      found++;
    }
    return found;
  }

  /** The first object from `from` on that is in a state; `count` when there is none. */
  nextIn(state: ObjectState, from: number): number {
    const code = OBJECT_STATES.indexOf(state);
    const filled = code * 0x1111_1111;
    for (let index = from; index < this.count; index++) {
      const isWordStart = index % PER_WORD === 0;
      // Skips whole words in which no object is in the state that is looked for.
      if (isWordStart && !hasZeroNibble(Atomics.load(this.#words, wordOf(index)) ^ filled)) {
        index += PER_WORD - 1;
        continue;
      }
      if (this.#code(index) === code) return index;
    }
    return this.count;
  }

  #code(index: number): number {
    return (Atomics.load(this.#words, wordOf(index)) >>> shiftOf(index)) & MASK;
  }
}

function wordOf(index: number): number {
  return Math.floor(index / PER_WORD);
}

function shiftOf(index: number): number {
  return (index % PER_WORD) * BITS;
}

/** Whether any four-bit group of a word is zero (the SWAR test of "Hacker's Delight", section 6-1). */
function hasZeroNibble(word: number): boolean {
  return ((word - 0x1111_1111) & ~word & 0x8888_8888) !== 0;
}
