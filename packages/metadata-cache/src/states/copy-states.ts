import type { ObjectStates } from './object-states.ts';
import { OBJECTS_PER_WORD, viewStates } from './state-memory.ts';

const BITS = 4;
const WORD_BITS = 32;

/**
 * Copies states between memories, from any place to any other. It marks nothing as changed, and nobody may change
 * the target meanwhile.
 */
export function copyStates(
  from: ObjectStates,
  fromIndex: number,
  to: ObjectStates,
  toIndex: number,
  count: number,
): void {
  const end = toIndex + count;
  const source = viewStates(from.memory, from.count).words;
  const target = viewStates(to.memory, to.count).words;
  // Objects of the first and last word share it with others; the words between are written whole.
  const firstWord = Math.ceil(toIndex / OBJECTS_PER_WORD);
  const lastWord = Math.max(Math.floor(end / OBJECTS_PER_WORD), firstWord);
  copyObjects(source, fromIndex, target, toIndex, Math.min(firstWord * OBJECTS_PER_WORD, end));
  const offset = fromIndex - toIndex;
  const sourceObject = firstWord * OBJECTS_PER_WORD + offset;
  const sourceWord = Math.floor(sourceObject / OBJECTS_PER_WORD);
  const shift = (sourceObject % OBJECTS_PER_WORD) * BITS;
  if (shift === 0) {
    const words = lastWord - firstWord;
    target.set(source.subarray(sourceWord, sourceWord + words), firstWord);
  } else {
    for (let word = firstWord; word < lastWord; word++) {
      const low = source[sourceWord + word - firstWord] ?? 0;
      const high = source[sourceWord + word - firstWord + 1] ?? 0;
      target[word] = (low >>> shift) | (high << (WORD_BITS - shift));
    }
  }
  const rest = Math.max(lastWord * OBJECTS_PER_WORD, toIndex);
  if (rest < end) copyObjects(source, rest + offset, target, rest, end);
}

/** Copies one by one into `toIndex` up to `end`. */
function copyObjects(
  source: Int32Array,
  fromIndex: number,
  target: Int32Array,
  toIndex: number,
  end: number,
): void {
  for (let to = toIndex, from = fromIndex; to < end; to++, from++) {
    const code = (wordAt(source, from) >>> ((from % OBJECTS_PER_WORD) * BITS)) & 15;
    const shift = (to % OBJECTS_PER_WORD) * BITS;
    target[Math.floor(to / OBJECTS_PER_WORD)] =
      (wordAt(target, to) & ~(15 << shift)) | (code << shift);
  }
}

function wordAt(words: Int32Array, index: number): number {
  return words[Math.floor(index / OBJECTS_PER_WORD)] ?? 0;
}
