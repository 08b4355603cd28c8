import { hash } from 'node:crypto';

// Looked up once: in the contexts in which tests run, looking up a global costs more than all the rest.
const { imul } = Math;

/** Bytes of which no two stretches are alike, the same each time. */
export function content(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state = (imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export function md5(bytes: Uint8Array): string {
  return hash('md5', bytes, 'hex');
}
