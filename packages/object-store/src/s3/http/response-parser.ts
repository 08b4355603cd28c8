import { CR, hasHeadEnd, hexDigit, LF } from './head-bytes.ts';
import { beginsAsHttp, FAULTY, INCOMPLETE, ResponseHead } from './response-head.ts';

/** What an answer consists of, as the parser finds it. Byte ranges are valid only during the call. */
export interface ResponseHandler {
  /** The final status line and its fields, up to and with the empty line. Interim answers (1xx) are not reported. */
  onHead(status: number, bytes: Buffer, from: number, to: number): void;
  /** A piece of the body, without the framing of chunks. */
  onBody(bytes: Buffer, from: number, to: number): void;
}

/** Status line and fields together, also the trailers: more is an error, whoever sends it. */
const MAX_HEAD_BYTES = 64 * 1024;
/** Extensions of one chunk (RFC 9112 section 7.1.1); nobody uses them. */
const MAX_EXTENSION_BYTES = 4 * 1024;

const HEAD = 0;
const BODY_OF_LENGTH = 1;
const BODY_UNTIL_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_EXTENSION = 4;
const CHUNK_DATA = 5;
const CHUNK_END = 6;
const TRAILER_START = 7;
const TRAILER = 8;
const DONE = 9;

/**
 * Reads one HTTP/1.1 answer (RFC 9112) from pieces of any size. Owns no socket and no body: a head that arrives in one
 * piece, the usual case, is read where it lies; only a split head is copied.
 *
 *     HEAD ──┬─ content-length ─> BODY_OF_LENGTH ───────────────────────────────────> DONE
 *            ├─ chunked ─> CHUNK_SIZE ─> CHUNK_DATA ─> CHUNK_END ─> CHUNK_SIZE …       ^
 *            │                 └─ size 0 ─> TRAILER_START ⇄ TRAILER ───────────────────┤
 *            ├─ neither ─> BODY_UNTIL_CLOSE ─ end() ───────────────────────────────────┤
 *            └─ HEAD request, 204, 304, length 0 ──────────────────────────────────────┘
 */
export class ResponseParser {
  readonly head = new ResponseHead();
  /** The answer is complete. */
  done = false;
  /** Why the bytes are not an HTTP answer. */
  fault: string | undefined = undefined;

  readonly #handler: ResponseHandler;
  #state = HEAD;
  #bodyless = false;
  #remaining = 0;
  #digits = 0;
  #extra = 0;
  #carry: Buffer | undefined = undefined;
  #carried = 0;
  /** Whether the last byte of the carried head ended a line, perhaps with a CR after it. */
  #afterLine = false;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  /**
   * Gets ready for the next answer.
   *
   * @param bodyless the answer has no body whatever its fields say, because the request was a HEAD
   */
  start(bodyless: boolean): void {
    this.done = false;
    this.fault = undefined;
    this.#state = HEAD;
    this.#bodyless = bodyless;
    this.#carried = 0;
    this.#afterLine = false;
  }

  /** Reads `bytes[from, to)`; returns where it stopped: before `to` only when the answer is done or faulty. */
  feed(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && !this.done && this.fault === undefined) {
      switch (this.#state) {
        case HEAD:
          at = this.#readHead(bytes, at, to);
          break;
        case BODY_OF_LENGTH:
        case CHUNK_DATA: {
          const end = Math.min(to, at + this.#remaining);
          this.#remaining -= end - at;
          this.#handler.onBody(bytes, at, end);
          at = end;
          if (this.#remaining > 0) break;
          if (this.#state === CHUNK_DATA) this.#state = CHUNK_END;
          else this.#finish();
          break;
        }
        case BODY_UNTIL_CLOSE:
          this.#handler.onBody(bytes, at, to);
          at = to;
          break;
        default:
          this.#framing(bytes[at] ?? 0);
          at++;
      }
    }
    return at;
  }

  /** The connection has ended in good order; true when that completes the answer. */
  end(): boolean {
    if (this.#state === BODY_UNTIL_CLOSE) this.#finish();
    return this.done;
  }

  /** Whether the head of the final answer was read, but not yet the whole body. */
  get inBody(): boolean {
    return this.#state !== HEAD && !this.done;
  }

  #readHead(bytes: Buffer, from: number, to: number): number {
    if (this.#carried > 0) return this.#carryOn(bytes, from, to);
    const next = this.head.parse(bytes, from, to);
    if (next >= 0) {
      if (next - from > MAX_HEAD_BYTES) return this.#fail('its head is larger than 64 KiB', from);
      this.#headRead(bytes, from, next);
      return next;
    }
    // A fault is judged only once the head is complete, so that it does not matter how the bytes were split.
    if (next === FAULTY && (!beginsAsHttp(bytes, from, to) || hasHeadEnd(bytes, from, to))) {
      return this.#fail(this.head.fault, from);
    }
    return this.#carryOn(bytes, from, to);
  }

  /** Adds to the head that arrives in pieces, up to its end. */
  #carryOn(bytes: Buffer, from: number, to: number): number {
    let at = from;
    let complete = false;
    while (at < to && !complete) {
      const byte = bytes[at++];
      if (byte === LF) {
        complete = this.#afterLine;
        this.#afterLine = true;
      } else if (byte !== CR) this.#afterLine = false;
    }
    const length = this.#carried + at - from;
    if (length > MAX_HEAD_BYTES) return this.#fail('its head is larger than 64 KiB', from);
    const carry = this.#carryOf(length);
    bytes.copy(carry, this.#carried, from, at);
    this.#carried = length;
    if (!beginsAsHttp(carry, 0, length)) return this.#fail('it is not HTTP', from);
    if (!complete) return at;
    this.#carried = 0;
    this.#afterLine = false;
    const end = this.head.parse(carry, 0, length);
    if (end === INCOMPLETE) return this.#fail('its head cannot be read', from);
    if (end === FAULTY) return this.#fail(this.head.fault, from);
    this.#headRead(carry, 0, end);
    return at;
  }

  #carryOf(length: number): Buffer {
    if (this.#carry === undefined || this.#carry.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(1024, 2 * length));
      this.#carry?.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    return this.#carry;
  }

  #headRead(bytes: Buffer, from: number, to: number): void {
    if (this.head.status < 200) {
      // 100 and 103 may come any number of times before the answer (RFC 9110 section 15.2); nobody asked for 101.
      if (this.head.status === 101) this.fault = 'it switches protocols';
      return;
    }
    this.#state = this.#bodyState();
    this.#handler.onHead(this.head.status, bytes, from, to);
    if (this.#state === DONE) this.#finish();
  }

  /** Where the body ends: RFC 9112 section 6.3. */
  #bodyState(): number {
    if (this.#bodyless || this.head.status === 204 || this.head.status === 304) return DONE;
    if (this.head.chunked) {
      // Both fields together may be an attempt to smuggle: the connection is not used again.
      if (this.head.contentLength >= 0) this.head.keepAlive = false;
      this.head.contentLength = -1;
      this.#startChunk();
      return CHUNK_SIZE;
    }
    this.#remaining = this.head.contentLength;
    if (this.head.contentLength === 0) return DONE;
    if (this.head.contentLength > 0) return BODY_OF_LENGTH;
    this.head.keepAlive = false;
    return BODY_UNTIL_CLOSE;
  }

  #startChunk(): void {
    this.#remaining = 0;
    this.#digits = 0;
    this.#extra = 0;
  }

  /** One byte between the chunks: RFC 9112 section 7.1. */
  #framing(byte: number): void {
    switch (this.#state) {
      case CHUNK_SIZE: {
        const digit = hexDigit(byte);
        if (digit >= 0) {
          this.#remaining = this.#remaining * 16 + digit;
          if (++this.#digits > 13) this.fault = 'a chunk is too large';
        } else if (this.#digits === 0) this.fault = 'a chunk has no size';
        else if (byte === LF) this.#chunkBegins();
        else this.#state = CHUNK_EXTENSION;
        return;
      }
      case CHUNK_EXTENSION:
        if (byte === LF) this.#chunkBegins();
        else if (++this.#extra > MAX_EXTENSION_BYTES) this.fault = 'a chunk extension is too long';
        return;
      case CHUNK_END:
        if (byte === LF) {
          this.#startChunk();
          this.#state = CHUNK_SIZE;
        } else if (byte !== CR || ++this.#extra > 1) this.fault = 'a chunk is longer than it says';
        return;
      case TRAILER_START:
        if (byte === LF) this.#finish();
        else if (byte !== CR) this.#state = TRAILER;
        break;
      default:
        if (byte === LF) this.#state = TRAILER_START;
    }
    if (++this.#extra > MAX_HEAD_BYTES) this.fault = 'its trailers are larger than 64 KiB';
  }

  #chunkBegins(): void {
    this.#extra = 0;
    this.#state = this.#remaining === 0 ? TRAILER_START : CHUNK_DATA;
  }

  #finish(): void {
    this.#state = DONE;
    this.done = true;
  }

  #fail(why: string | undefined, at: number): number {
    this.fault = why ?? 'its head cannot be read';
    return at;
  }
}
