import { CR, decimal, isField, LF, LOWER, repeatedLength, skipSpaces, SP } from './head-bytes.ts';

const HTTP = Buffer.from('HTTP/');
const CONNECTION = Buffer.from('connection');
const CONTENT_LENGTH = Buffer.from('content-length');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');

/** More bytes are needed. */
export const INCOMPLETE = -1;
/** The answer is not HTTP; `fault` says why. */
export const FAULTY = -2;

/** The head of an answer: its status, and the fields that say where it ends. The others are not looked at. */
export class ResponseHead {
  status = 0;
  /** What the answer says its body has, -1 when it does not say. */
  contentLength = -1;
  chunked = false;
  /** Whether the connection can carry another request after this answer. */
  keepAlive = true;
  /** A field Connection says close: that wins, whatever another says (RFC 9112 section 9.6). */
  #closes = false;
  /** Why the bytes are not the head of an HTTP answer. */
  fault: string | undefined = undefined;

  /**
   * Status line (RFC 9112 section 4) and fields (section 5). Only the fields that say where the answer ends are looked
   * at. A lone LF ends a line too (section 2.2).
   *
   * @returns where the body begins, or INCOMPLETE, or FAULTY
   */
  parse(bytes: Buffer, from: number, to: number): number {
    this.contentLength = -1;
    this.chunked = false;
    this.#closes = false;
    this.fault = undefined;
    if (to - from < 13)
      return beginsAsHttp(bytes, from, to) ? INCOMPLETE : this.#faulty('it is not HTTP');
    const minor = (bytes[from + 7] ?? 0) - 0x30;
    if (!beginsAsHttp(bytes, from, to) || bytes[from + 5] !== 0x31 || bytes[from + 6] !== 0x2e) {
      return this.#faulty('it is not HTTP');
    }
    if ((minor !== 0 && minor !== 1) || bytes[from + 8] !== SP)
      return this.#faulty('its version is not HTTP/1.1');
    const status = decimal(bytes, from + 9, from + 12);
    const afterStatus = bytes[from + 12];
    if (status < 100 || (afterStatus !== SP && afterStatus !== CR && afterStatus !== LF)) {
      return this.#faulty('its status is not a number of three digits');
    }
    this.status = status;
    this.keepAlive = minor === 1;
    let at = from + 12;
    while (at < to && bytes[at] !== LF) at++;
    at++;
    for (;;) {
      if (at >= to) return INCOMPLETE;
      const first = bytes[at] ?? 0;
      if (first === LF) return at + 1;
      if (first === CR) {
        if (at + 1 >= to) return INCOMPLETE;
        if (bytes[at + 1] === LF) return at + 2;
        return this.#faulty('a line of its head begins with a carriage return');
      }
      const lineStart = at;
      while (at < to && bytes[at] !== LF) at++;
      if (at >= to) return INCOMPLETE;
      const letter = first | LOWER;
      // c: connection, content-length; t: transfer-encoding.
      if ((letter === 0x63 || letter === 0x74) && !this.#field(bytes, lineStart, at)) return FAULTY;
      at++;
    }
  }

  /** A field that may matter here, without its LF; false when it makes the answer unreadable. */
  #field(bytes: Buffer, from: number, lf: number): boolean {
    const to = lf > from && bytes[lf - 1] === CR ? lf - 1 : lf;
    if (isField(bytes, from, to, CONTENT_LENGTH)) return this.#lengthField(bytes, from + 15, to);
    if (isField(bytes, from, to, CONNECTION)) return this.#connectionField(bytes, from + 11, to);
    if (!isField(bytes, from, to, TRANSFER_ENCODING)) return true;
    const coding = bytes
      .toString('latin1', from + 18, to)
      .trim()
      .toLowerCase();
    // HTTP/1.0 does not know transfer codings (RFC 9112 section 6.1); of those of 1.1, S3 servers use only this one.
    if (coding === 'chunked' && !this.chunked) this.chunked = true;
    else if (coding !== 'identity') {
      this.fault = `its transfer encoding "${coding.slice(0, 40)}" is not known`;
      return false;
    }
    return true;
  }

  #lengthField(bytes: Buffer, from: number, to: number): boolean {
    const start = skipSpaces(bytes, from, to);
    let length = decimal(bytes, start, to);
    if (length < 0) length = repeatedLength(bytes.toString('latin1', start, to));
    if (length < 0 || (this.contentLength >= 0 && this.contentLength !== length)) {
      this.fault = 'its Content-Length is not one number';
      return false;
    }
    this.contentLength = length;
    return true;
  }

  #connectionField(bytes: Buffer, from: number, to: number): boolean {
    const start = skipSpaces(bytes, from, to);
    // The common value, "keep-alive", needs no string.
    if (to - start === 10 && ((bytes[start] ?? 0) | LOWER) === 0x6b) {
      this.keepAlive = !this.#closes;
      return true;
    }
    const tokens = bytes.toString('latin1', start, to).toLowerCase().split(',');
    if (tokens.some((token) => token.trim() === 'close')) {
      this.#closes = true;
      this.keepAlive = false;
    }
    return true;
  }

  #faulty(why: string): number {
    this.fault = why;
    return FAULTY;
  }
}

/** Whether the bytes are the beginning of an HTTP answer, as far as there are any. */
export function beginsAsHttp(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(HTTP.length, to - from);
  for (let i = 0; i < length; i++) if (bytes[from + i] !== HTTP[i]) return false;
  return true;
}
