import { type Body, bodyLength, NO_BODY } from './body.ts';
import { statusText } from './status-text.ts';

/** What is answered to a request, before it is bytes. */
export interface Answer {
  readonly status: number;
  /** Header lines, each ended by CRLF; those of framing are added when it is sent. */
  readonly headers: string;
  readonly body: Body;
  /** What Content-Length says, where that is not the length of the body: an answer to HEAD, or a fault. */
  readonly contentLength?: number;
  /** Send the body as chunks of this size (RFC 9112 section 7.1) with these trailer lines. */
  readonly chunks?: { readonly bytes: number; readonly trailers: string };
  /** Say `Connection: close`, and do it. */
  readonly close?: boolean;
}

const CRLF = Buffer.from('\r\n');
/** An answer up to this size is copied into one buffer, which costs less than a second piece to write. */
const ONE_PIECE_BYTES = 32 * 1024;

/** The bytes of an answer. `head` is how many of them come before the body. */
export interface Wire {
  readonly bytes: Body;
  readonly head: number;
}

/** Puts an answer into bytes. `hasBody` is false for an answer to HEAD (RFC 9110 section 9.3.2). */
export function serialiseAnswer(answer: Answer, hasBody: boolean): Wire {
  const { status, headers, chunks } = answer;
  const bodiless = status === 204 || status === 304;
  const length = bodyLength(answer.body);
  const connection = answer.close === true ? 'Connection: close\r\n' : '';
  const framing = bodiless
    ? ''
    : chunks === undefined
      ? `Content-Length: ${answer.contentLength ?? length}\r\n`
      : 'Transfer-Encoding: chunked\r\n';
  const head = `HTTP/1.1 ${statusText(status)}\r\n${headers}${connection}${framing}\r\n`;
  const body = bodiless || !hasBody ? NO_BODY : answer.body;
  if (chunks !== undefined && hasBody && !bodiless) {
    return withHead(head, chunkedBody(body, chunks.bytes, chunks.trailers));
  }
  if (body.length > 0 && length <= ONE_PIECE_BYTES)
    return { bytes: [onePiece(head, body, length)], head: head.length };
  return withHead(head, body);
}

function withHead(head: string, body: Body): Wire {
  return { bytes: [Buffer.from(head, 'latin1'), ...body], head: head.length };
}

function onePiece(head: string, body: Body, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + length);
  let at = bytes.write(head, 0, 'latin1');
  for (const piece of body) at += piece.copy(bytes, at);
  return bytes;
}

function chunkedBody(body: Body, chunkBytes: number, trailers: string): Body {
  const pieces: Buffer[] = [];
  for (const piece of body) {
    for (let at = 0; at < piece.length; at += chunkBytes) {
      const chunk = piece.subarray(at, at + chunkBytes);
      pieces.push(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'), chunk, CRLF);
    }
  }
  pieces.push(Buffer.from(`0\r\n${trailers}\r\n`, 'latin1'));
  return pieces;
}

/** Interim answers (RFC 9110 section 15.2), as bytes. */
export function interimAnswers(statuses: readonly number[]): Buffer {
  return Buffer.from(statuses.map((each) => `HTTP/1.1 ${statusText(each)}\r\n\r\n`).join(''));
}
