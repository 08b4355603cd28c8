import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ResponseParser } from './response-parser.ts';

interface Outcome {
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

/** Feeds an answer in pieces that end at the given places. */
function parse(text: string | Buffer, cuts: readonly number[] = [], headOnly = false): Outcome {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const outcome: Outcome = {
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
  parser.start(headOnly);
  let at = 0;
  for (const end of [...cuts, bytes.length]) {
    if (end <= at || isOver(parser)) continue;
    // In a buffer of its own, as a socket would deliver it.
    const piece = Buffer.from(bytes.subarray(at, end));
    at += parser.feed(piece, 0, piece.length);
    if (!isOver(parser)) expect(at).toBe(end);
  }
  outcome.left = parser.fault === undefined ? bytes.length - at : 0;
  outcome.done = parser.done || parser.end();
  outcome.faulty = parser.fault !== undefined;
  outcome.keepAlive = parser.done && !outcome.faulty && parser.head.keepAlive;
  return outcome;
}

const LEGAL: readonly (readonly [string, string, Partial<Outcome>])[] = [
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

const ILLEGAL: readonly (readonly [string, string])[] = [
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

describe('ResponseParser', () => {
  it.each(LEGAL)('reads %s', (_, text, expected) => {
    expect(parse(text)).toMatchObject({ done: true, faulty: false, ...expected });
  });

  it.each(LEGAL)('reads %s byte by byte', (_, text) => {
    const everywhere = Array.from({ length: text.length }, (_, i) => i + 1);
    const { left, ...whole } = parse(text);
    expect(parse(text, everywhere)).toMatchObject({ ...whole, left });
  });

  it('reads an answer split anywhere as if it were whole', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LEGAL, ...ILLEGAL),
        fc.array(fc.nat(160), { maxLength: 8 }),
        ([, text], places) => {
          const cuts = places.map((place) => place % text.length).toSorted((a, b) => a - b);
          const { faulty, ...whole } = parse(text);
          const split = parse(text, cuts);
          expect(split.faulty).toBe(faulty);
          if (!faulty) expect(split).toMatchObject(whole);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each(ILLEGAL)('refuses %s', (_, text) => {
    expect(parse(text).faulty).toBe(true);
    const everywhere = Array.from({ length: text.length }, (_, i) => i + 1);
    expect(parse(text, everywhere).faulty).toBe(true);
  });

  it('reads any body in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' })),
        fc.array(fc.nat(400)),
        (pieces, places) => {
          const chunks = pieces
            .map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
            .join('');
          const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
          const cuts = places.map((place) => place % text.length).toSorted((a, b) => a - b);
          expect(parse(text, cuts)).toMatchObject({
            done: true,
            faulty: false,
            body: pieces.join(''),
            left: 0,
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows that the answer to a HEAD has no body', () => {
    const outcome = parse('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n', [], true);
    expect(outcome).toMatchObject({ done: true, keepAlive: true, body: '' });
  });

  it.each(['whole', 'split'])('takes a head of 64 KiB, and none that is larger (%s)', (how) => {
    const headOf = (length: number): string => {
      const before = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Fill: ';
      return `${before}${'x'.repeat(length - before.length - 4)}\r\n\r\n`;
    };
    const cuts = how === 'whole' ? [] : Array.from({ length: 100 }, (_, i) => i * 1000);
    expect(parse(headOf(65_536), cuts)).toMatchObject({ done: true, faulty: false });
    expect(parse(headOf(65_537), cuts).faulty).toBe(true);
    expect(parse(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, cuts).faulty).toBe(true);
  });

  it('is incomplete, not done, when the connection ends too early', () => {
    for (const text of [
      '',
      'HTTP/1.1 200 O',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    ]) {
      expect(parse(text)).toMatchObject({ done: false, faulty: false });
    }
  });

  it('survives whatever it is fed', () => {
    const seed = fc.constantFrom(
      ...LEGAL.map(([, text]) => text),
      ...ILLEGAL.map(([, text]) => text),
    );
    const mutation = fc.record({
      at: fc.nat(200),
      byte: fc.nat(255),
      kind: fc.constantFrom('set', 'insert', 'remove'),
    });
    fc.assert(
      fc.property(
        seed,
        fc.array(mutation, { maxLength: 6 }),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (text, mutations, places) => {
          const bytes = [...Buffer.from(text, 'latin1')];
          for (const { at, byte, kind } of mutations) {
            const place = at % bytes.length;
            if (kind === 'set') bytes[place] = byte;
            else
              bytes.splice(
                place,
                kind === 'remove' && bytes.length > 1 ? 1 : 0,
                ...(kind === 'insert' ? [byte] : []),
              );
          }
          const input = Buffer.from(bytes);
          const cuts = places.map((place) => place % input.length).toSorted((a, b) => a - b);
          const whole = parse(input);
          const split = parse(input, cuts);
          expect(split.faulty).toBe(whole.faulty);
          if (!whole.faulty) expect(split).toEqual(whole);
        },
      ),
      { interruptAfterTimeLimit: 3_000, numRuns: 20_000 },
    );
  });
});
