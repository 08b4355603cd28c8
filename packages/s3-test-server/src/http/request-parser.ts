import { MalformedRequest, parseRequestHead, type RequestHead } from './request-head.ts';

/** Takes what the parser finds, in the order of the bytes. */
export interface RequestSink {
  onHead(head: RequestHead): void;
  /** A piece of the body; valid only during the call. */
  onBody(piece: Buffer): void;
  /** The request is complete; `trailers` by lower-case name (RFC 9112 section 7.1.2). */
  onEnd(trailers: ReadonlyMap<string, string>): void;
}

/** Longest request head, and longest trailer section. */
export const MAX_HEAD_BYTES = 64 * 1024;
/** Longest line that announces a chunk, extensions included. */
const MAX_CHUNK_LINE_BYTES = 4 * 1024;

const NO_TRAILERS: ReadonlyMap<string, string> = new Map();
const HEAD_END = '\r\n\r\n';

/**
 * Where the parser is. The body states carry the bytes still to come in {@link RequestParser}'s `#left`.
 *
 *     state        | input                  | next
 *     head         | CRLF CRLF              | fixed, chunk-line, or the end of the request
 *     fixed        | the last body byte     | the end of the request
 *     chunk-line   | size > 0, CRLF         | chunk-data
 *     chunk-line   | size 0, CRLF           | trailer
 *     chunk-data   | the last chunk byte    | chunk-end
 *     chunk-end    | CRLF                   | chunk-line
 *     trailer      | name: value CRLF       | trailer
 *     trailer      | CRLF                   | the end of the request
 *     (the end of the request is the state head again)
 */
type State = 'head' | 'fixed' | 'chunk-line' | 'chunk-data' | 'chunk-end' | 'trailer';

/** An HTTP/1.1 request parser without I/O (RFC 9112): bytes in, calls of the sink out. */
export class RequestParser {
  readonly #sink: RequestSink;
  #state: State = 'head';
  /** What has come of an unfinished head or line. */
  #partial: Buffer | undefined;
  #left = 0;
  #trailers: Map<string, string> | undefined;
  #trailerBytes = 0;

  constructor(sink: RequestSink) {
    this.#sink = sink;
  }

  /** Whether a request has begun and not ended. */
  get inRequest(): boolean {
    return this.#state !== 'head' || this.#partial !== undefined;
  }

  /**
   * Parses from `offset` and returns the offset after what was used: all of `bytes`, or less when a request ended. The
   * caller decides when the rest, a pipelined request, is fed.
   *
   * @throws MalformedRequest after which the connection is of no more use
   */
  feed(bytes: Buffer, offset = 0): number {
    let at = offset;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'head':
          at = this.#head(bytes, at);
          if (!this.inRequest) return at;
          break;
        case 'fixed':
        case 'chunk-data':
          at = this.#data(bytes, at);
          if (!this.inRequest) return at;
          break;
        case 'chunk-line':
        case 'chunk-end':
        case 'trailer':
          at = this.#line(bytes, at);
          if (!this.inRequest) return at;
          break;
      }
    }
    return at;
  }

  #head(bytes: Buffer, at: number): number {
    let all = bytes;
    let start = at;
    let searchFrom: number;
    const before = this.#partial?.length ?? 0;
    if (this.#partial === undefined) {
      // Empty lines before a request line are ignored (RFC 9112 section 2.2).
      while (start < bytes.length && (bytes[start] === 0x0d || bytes[start] === 0x0a)) start++;
      if (start === bytes.length) return start;
      searchFrom = start;
    } else {
      all = Buffer.concat([this.#partial, bytes.subarray(at)]);
      start = 0;
      searchFrom = Math.max(0, before - HEAD_END.length + 1);
    }
    const end = all.indexOf(HEAD_END, searchFrom, 'latin1');
    if ((end < 0 ? all.length : end) - start > MAX_HEAD_BYTES) {
      throw new MalformedRequest('the request head is too long', 431);
    }
    if (end < 0) {
      this.#partial = this.#partial === undefined ? Buffer.from(all.subarray(start)) : all;
      return bytes.length;
    }
    this.#partial = undefined;
    this.#begin(parseRequestHead(all.toString('latin1', start, end)));
    const after = end + HEAD_END.length;
    return all === bytes ? after : at + after - before;
  }

  #begin(head: RequestHead): void {
    this.#left = head.contentLength ?? 0;
    this.#state = head.chunked ? 'chunk-line' : this.#left > 0 ? 'fixed' : 'head';
    this.#sink.onHead(head);
    if (this.#state === 'head') this.#sink.onEnd(NO_TRAILERS);
  }

  #data(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#sink.onBody(bytes.subarray(at, end));
    if (this.#left > 0) return end;
    if (this.#state === 'chunk-data') {
      this.#state = 'chunk-end';
    } else {
      this.#state = 'head';
      this.#sink.onEnd(NO_TRAILERS);
    }
    return end;
  }

  /** Collects a line and acts on it once it is whole. */
  #line(bytes: Buffer, at: number): number {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    const piece = bytes.subarray(at, end);
    const line = this.#partial === undefined ? piece : Buffer.concat([this.#partial, piece]);
    if (line.length > (this.#state === 'trailer' ? MAX_HEAD_BYTES : MAX_CHUNK_LINE_BYTES)) {
      throw new MalformedRequest('a line of a chunked body is too long');
    }
    if (feed < 0) {
      this.#partial = Buffer.from(line);
      return end;
    }
    this.#partial = undefined;
    if (line.at(-2) !== 0x0d) throw new MalformedRequest('a bare LF in a chunked body');
    this.#onLine(line.toString('latin1', 0, line.length - 2));
    return end;
  }

  #onLine(line: string): void {
    if (this.#state === 'chunk-end') {
      if (line !== '') throw new MalformedRequest('a chunk is longer than announced');
      this.#state = 'chunk-line';
    } else if (this.#state === 'chunk-line') {
      // Extensions are read over (RFC 9112 section 7.1.1).
      const [, size] = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;.*)?$/.exec(line) ?? [];
      if (size === undefined) throw new MalformedRequest('the size of a chunk is malformed');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left > 0 ? 'chunk-data' : 'trailer';
    } else if (line !== '') {
      this.#onTrailer(line);
    } else {
      const trailers = this.#trailers ?? NO_TRAILERS;
      this.#trailers = undefined;
      this.#trailerBytes = 0;
      this.#state = 'head';
      this.#sink.onEnd(trailers);
    }
  }

  #onTrailer(line: string): void {
    this.#trailerBytes += line.length;
    const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*(.*?)[\t ]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined || this.#trailerBytes > MAX_HEAD_BYTES) {
      throw new MalformedRequest('a trailer is malformed');
    }
    this.#trailers ??= new Map();
    this.#trailers.set(name.toLowerCase(), value);
  }
}
