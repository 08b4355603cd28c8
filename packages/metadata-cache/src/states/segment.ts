import { copyStates } from './copy-states.ts';
import { type ObjectState, STATE_CODES, stateOfCode } from './object-state.ts';
import { ObjectStates } from './object-states.ts';
import { packBlocks, PACKED_BLOCK_WORDS, unpackBlocks } from './packed-states.ts';
import {
  allocateObjectStates,
  BLOCK_OBJECTS,
  OBJECTS_PER_WORD,
  viewStates,
} from './state-memory.ts';

/** What is stored and sent as one: 65 536 objects, 24 KiB when they are in more than one state. */
export const SEGMENT_OBJECTS = 65_536;
export const SEGMENT_BLOCKS = SEGMENT_OBJECTS / BLOCK_OBJECTS;

/** A segment's states: one for all objects, or packed. */
export type SegmentStates = ObjectState | Uint8Array;

/** Memory for one segment at a time, to pack and unpack it in. */
export class SegmentBuffer {
  readonly states = new ObjectStates(allocateObjectStates(SEGMENT_OBJECTS), SEGMENT_OBJECTS);
  readonly #words = viewStates(this.states.memory, SEGMENT_OBJECTS).words;
  readonly #packed = new Int32Array(SEGMENT_BLOCKS * PACKED_BLOCK_WORDS);

  /**
   * Reads `count` objects from `from` on.
   *
   * @returns their states; what is packed lives in this buffer until the next call
   */
  read(states: ObjectStates, from: number, count: number): SegmentStates {
    const first = states.get(from);
    if (states.nextNotIn(first, from, from + count) === from + count) return first;
    const blocks = Math.ceil(count / BLOCK_OBJECTS);
    const isWhole = count % BLOCK_OBJECTS === 0 || from + count === states.count;
    if (isWhole && from % OBJECTS_PER_WORD === 0) {
      const { words } = viewStates(states.memory, states.count);
      packBlocks(words, from / OBJECTS_PER_WORD, blocks, this.#packed, 0);
    } else {
      this.states.fill((blocks - 1) * BLOCK_OBJECTS, blocks * BLOCK_OBJECTS, 'unknown');
      copyStates(states, from, this.states, 0, count);
      packBlocks(this.#words, 0, blocks, this.#packed, 0);
    }
    return new Uint8Array(this.#packed.buffer, 0, packedSizeBytes(count));
  }

  /** Fills the buffer's own states with those of a segment of `count` objects. */
  load(segment: SegmentStates, count: number): void {
    if (typeof segment === 'string') {
      this.states.fill(0, count, segment);
      return;
    }
    new Uint8Array(this.#packed.buffer).set(segment);
    unpackBlocks(this.#packed, 0, Math.ceil(count / BLOCK_OBJECTS), this.#words, 0);
  }
}

/** Size of `count` objects that are in more than one state. */
export function packedSizeBytes(count: number): number {
  return Math.ceil(count / BLOCK_OBJECTS) * PACKED_BLOCK_WORDS * Int32Array.BYTES_PER_ELEMENT;
}

/** The code of a segment in one state; undefined for a packed one. */
export function uniformCode(segment: SegmentStates): number | undefined {
  return typeof segment === 'string' ? STATE_CODES[segment] : undefined;
}

/** The segment of a stored code and its packed states. */
export function segmentOf(code: number | undefined, packed: Uint8Array): SegmentStates {
  return code === undefined ? packed : stateOfCode(code);
}
