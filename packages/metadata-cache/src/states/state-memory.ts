/**
 * Layout of the memory of `count` objects, in 32-bit words:
 *
 *   | states: eight objects to a word | dirty bits: 32 blocks to a word |
 *
 *   word w of the states:  | 8w+7 | 8w+6 | ... | 8w+1 | 8w |    four bits each, the code of a state
 *   word d of the dirty bits: bit b is set when an object of block 32d+b has changed since it was last taken
 *
 * A block is 64 objects. States are padded to whole blocks; what is beyond the count stays zero.
 */
export const OBJECTS_PER_WORD = 8;
export const BLOCK_OBJECTS = 64;
export const BLOCK_WORDS = BLOCK_OBJECTS / OBJECTS_PER_WORD;
export const BLOCKS_PER_DIRTY_WORD = 32;

/** The parts of a memory of states. */
export interface StateMemory {
  readonly words: Int32Array;
  readonly dirty: Int32Array;
}

/** Memory for the states of `count` objects, all `unknown`: half a byte for each, and a bit for every 64 of them. */
export function allocateObjectStates(count: number): SharedArrayBuffer {
  const blocks = Math.ceil(count / BLOCK_OBJECTS);
  const words = blocks * BLOCK_WORDS + Math.ceil(blocks / BLOCKS_PER_DIRTY_WORD);
  return new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT);
}

/** Views of a memory from {@link allocateObjectStates} with the same count. */
export function viewStates(memory: SharedArrayBuffer, count: number): StateMemory {
  const blocks = Math.ceil(count / BLOCK_OBJECTS);
  const stateWords = blocks * BLOCK_WORDS;
  return {
    words: new Int32Array(memory, 0, stateWords),
    dirty: new Int32Array(memory, stateWords * Int32Array.BYTES_PER_ELEMENT),
  };
}

/** Says that the objects from `begin` up to `end` have changed. */
export function markDirty(dirty: Int32Array, begin: number, end: number): void {
  if (begin >= end) return;
  const firstBlock = Math.floor(begin / BLOCK_OBJECTS);
  const lastBlock = Math.floor((end - 1) / BLOCK_OBJECTS);
  const firstWord = Math.floor(firstBlock / BLOCKS_PER_DIRTY_WORD);
  const lastWord = Math.floor(lastBlock / BLOCKS_PER_DIRTY_WORD);
  for (let word = firstWord; word <= lastWord; word++) {
    const from = word === firstWord ? firstBlock % BLOCKS_PER_DIRTY_WORD : 0;
    const to = word === lastWord ? lastBlock % BLOCKS_PER_DIRTY_WORD : BLOCKS_PER_DIRTY_WORD - 1;
    Atomics.or(dirty, word, (-1 << from) & (-1 >>> (BLOCKS_PER_DIRTY_WORD - 1 - to)));
  }
}
