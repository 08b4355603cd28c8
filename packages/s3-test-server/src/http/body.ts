/**
 * The bytes of an object or an answer: pieces that are sent one after the other and never changed. Zeros are one piece
 * of memory named many times.
 */
export type Body = readonly Buffer[];

export const NO_BODY: Body = [];

const ZEROS = Buffer.alloc(1024 * 1024);

export function bodyLength(body: Body): number {
  let length = 0;
  for (const piece of body) length += piece.length;
  return length;
}

/** `length` zero bytes that take no memory. */
export function zeroBody(length: number): Body {
  const pieces: Buffer[] = [];
  for (let left = length; left > 0; left -= ZEROS.length) {
    pieces.push(left >= ZEROS.length ? ZEROS : ZEROS.subarray(0, left));
  }
  return pieces;
}

/** The bytes from `start` to before `end`, without copying. */
export function sliceBody(body: Body, start: number, end: number): Body {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const piece of body) {
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) pieces.push(to - from === piece.length ? piece : piece.subarray(from, to));
    at += piece.length;
    if (at >= end) break;
  }
  return pieces;
}

/** One buffer with all bytes; no copy where there is one piece. */
export function joinBody(body: Body): Buffer {
  const [first] = body;
  return body.length === 1 && first !== undefined ? first : Buffer.concat(body);
}
