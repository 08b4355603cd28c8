import { Refusal } from '../refusal/refusal.ts';

/** A part of an object: from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a Range header asks for (RFC 9110 section 14.1.2), or undefined for the whole object: without one, and
 * for one that is malformed or has several ranges, which S3 does not do.
 *
 * @throws Refusal InvalidRange where no byte of the object is in the range
 */
export function parseRange(header: string | undefined, length: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? length : Math.min(length, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= end) {
    throw new Refusal('InvalidRange', {
      details: { RangeRequested: header, ActualObjectSize: String(length) },
      headers: `Content-Range: bytes */${length}\r\n`,
    });
  }
  return { start, end };
}
