import type { SQLOutputValue } from 'node:sqlite';

const EMPTY = new Uint8Array(0);

/** The bytes of a column. */
export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : EMPTY;
}

/** A copy of bytes as words. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.slice().buffer);
}
