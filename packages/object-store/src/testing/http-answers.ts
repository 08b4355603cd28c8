import { ResponseParser } from '../s3/http/response-parser.ts';

/** What a parser has made of an answer. */
export interface ParserOutcome {
  status: number;
  body: string;
  done: boolean;
  faulty: boolean;
  keepAlive: boolean;
  /** Bytes that were not part of the answer. */
  left: number;
}

function isOver({ done, fault }: ResponseParser): boolean {
  return done || fault !== undefined;
}

/**
 * Feeds an answer in pieces that end at the given places.
 *
 * @param used bytes that the same parser was given before, as an answer of its own
 */
export function parseAnswer(
  text: string | Buffer,
  cuts: readonly number[] = [],
  headOnly = false,
  used?: Buffer,
): ParserOutcome {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const outcome: ParserOutcome = {
    status: 0,
    body: '',
    done: false,
    faulty: false,
    keepAlive: false,
    left: 0,
  };
  const parser = new ResponseParser({
    onHead: (status) => (outcome.status = status),
    onBody: (piece, from, to) => (outcome.body += piece.toString('latin1', from, to)),
  });
  if (used !== undefined) {
    parser.start(false);
    parser.feed(used, 0, used.length);
    outcome.status = 0;
    outcome.body = '';
  }
  parser.start(headOnly);
  let at = 0;
  for (const end of [...cuts, bytes.length]) {
    if (end <= at || isOver(parser)) continue;
    // In a buffer of its own, as a socket would deliver it.
    const piece = Buffer.from(bytes.subarray(at, end));
    at += parser.feed(piece, 0, piece.length);
    if (!isOver(parser) && at !== end)
      throw new Error(`stopped at ${String(at)} before ${String(end)}`);
    if (at > end) throw new Error(`read to ${String(at)} beyond ${String(end)}`);
  }
  outcome.left = parser.fault === undefined ? bytes.length - at : 0;
  outcome.done = parser.done || parser.end();
  outcome.faulty = parser.fault !== undefined;
  outcome.keepAlive = parser.done && !outcome.faulty && parser.head.keepAlive;
  return outcome;
}

/** Answers that are read, and what of them is to be seen. */
export const LEGAL_ANSWERS: readonly (readonly [string, string, Partial<ParserOutcome>])[] = [
  [
    'a length',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    { status: 200, body: 'hello', keepAlive: true },
  ],
  ['no reason', 'HTTP/1.1 200\r\ncontent-length:2\r\n\r\nok', { status: 200, body: 'ok' }],
  ['lone line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', { body: 'ok', keepAlive: true }],
  ['no body by status 204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, keepAlive: true }],
  [
    'no body by status 304',
    'HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n',
    { status: 304, body: '' },
  ],
  [
    'an interim answer',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    { status: 200, body: 'x' },
  ],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n, world!!!\r\n0\r\n\r\n',
    { body: 'hello, world!!!', keepAlive: true },
  ],
  [
    'trailers',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n1\r\nx\r\n0\r\nX-A: b\r\nX-B: c\r\n\r\n',
    { body: 'x', keepAlive: true },
  ],
  [
    'chunks and a length',
    'HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    { body: 'x', keepAlive: false },
  ],
  [
    'Connection: close',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
    { body: 'x', keepAlive: false },
  ],
  [
    'close among others',
    'HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 0\r\n\r\n',
    { keepAlive: false },
  ],
  [
    'close, and then keep-alive',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
    { keepAlive: false },
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', { body: 'x', keepAlive: false }],
  [
    'HTTP/1.0 that stays',
    'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx',
    { keepAlive: true },
  ],
  [
    'a body until the end',
    'HTTP/1.1 200 OK\r\n\r\nall of this',
    { body: 'all of this', keepAlive: false },
  ],
  [
    'the same length twice',
    'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok',
    { body: 'ok' },
  ],
  [
    'a folded field',
    'HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\nContent-Length: 1\r\n\r\nx',
    { body: 'x' },
  ],
  [
    'bytes behind the answer',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz',
    { body: 'x', left: 2 },
  ],
];

/** Answers that are refused. */
export const ILLEGAL_ANSWERS: readonly (readonly [string, string])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a status of letters', 'HTTP/1.1 abc OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['a length in words', 'HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n'],
  ['an enormous length', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n'],
  ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello'],
  [
    'a chunk longer than it says',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n',
  ],
  [
    'a chunk too large to count',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
  ],
  ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n'],
  ['a lone carriage return', 'HTTP/1.1 200 OK\r\n\rX: y\r\n\r\n'],
];
