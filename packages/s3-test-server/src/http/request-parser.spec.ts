import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_HEAD_BYTES, RequestParser } from './request-parser.ts';

interface Seen {
  readonly target: string;
  readonly headers: Record<string, string>;
  body: string;
  trailers: Record<string, string> | undefined;
}

/** Feeds the pieces one after the other and tells which requests came of them. */
function parse(pieces: readonly Buffer[]): Seen[] {
  const seen: Seen[] = [];
  const parser = new RequestParser({
    onHead: ({ headers, target }) =>
      seen.push({ target, headers: Object.fromEntries(headers), body: '', trailers: undefined }),
    onBody: (piece) => {
      const last = seen.at(-1);
      if (last !== undefined) last.body += piece.toString('latin1');
    },
    onEnd: (trailers) => {
      const last = seen.at(-1);
      if (last !== undefined) last.trailers = Object.fromEntries(trailers);
    },
  });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at = parser.feed(piece, at);
  }
  return seen;
}

const one = (text: string): Seen[] => parse([Buffer.from(text, 'latin1')]);

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const name = fc.stringMatching(/^[a-z]{1,12}$/).map((text) => `x-${text}`);
const value = fc.stringMatching(/^[!-~]{0,30}$/);
const fields = fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true });
const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const lines = (dictionary: Record<string, string>): string =>
  Object.entries(dictionary)
    .map(([key, text]) => `${key}: ${text}\r\n`)
    .join('');

/** A request on the wire, and what is to be seen of it. */
const request = fc
  .record({
    target: fc.stringMatching(/^\/[a-z0-9/%?=&]{0,30}$/),
    headers: fields,
    chunks: fc.option(
      fc.array(
        content.filter(({ length }) => length > 0),
        { maxLength: 4 },
      ),
    ),
    body: content,
    trailers: fields,
    extension: fc.constantFrom('', ';name=value', ' ;a'),
  })
  .map(({ target, headers, chunks, body, trailers, extension }) => {
    const start = `PUT ${target} HTTP/1.1\r\nHost: h\r\n${lines(headers)}`;
    const base = { target, headers: { host: 'h', ...headers } };
    if (chunks === null) {
      const wire = Buffer.concat([
        Buffer.from(`${start}Content-Length: ${body.length}\r\n\r\n`),
        body,
      ]);
      const all = { ...base.headers, 'content-length': String(body.length) };
      return { wire, seen: { target, headers: all, body: body.toString('latin1'), trailers: {} } };
    }
    const wire = Buffer.concat([
      Buffer.from(`${start}Transfer-Encoding: chunked\r\n\r\n`),
      ...chunks.flatMap((chunk) => [
        Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`0\r\n${lines(trailers)}\r\n`),
    ]);
    const all = { ...base.headers, 'transfer-encoding': 'chunked' };
    const text = Buffer.concat(chunks).toString('latin1');
    return { wire, seen: { target, headers: all, body: text, trailers } };
  });

describe('RequestParser', () => {
  it('finds the same requests however the bytes are split', () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(5_000), { maxLength: 12 }),
        (requests, cuts) => {
          const bytes = Buffer.concat(requests.map(({ wire }) => wire));
          const expected = requests.map(({ seen }) => seen);
          expect(parse(split(bytes, cuts))).toEqual(expected);
        },
      ),
    );
  });

  it('finds the same requests byte by byte', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 2 }), (requests) => {
        const bytes = Buffer.concat(requests.map(({ wire }) => wire));
        const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
        expect(parse(pieces)).toEqual(requests.map(({ seen }) => seen));
      }),
      { numRuns: 50 },
    );
  });

  it('refuses garbage or waits for more, but never throws anything else', () => {
    const start = Buffer.from('PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n');
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 200 }), (inBody, bytes) => {
        try {
          parse([...(inBody ? [start] : []), Buffer.from(bytes)]);
        } catch (error) {
          expect(error).toMatchObject({ name: 'MalformedRequest' });
        }
      }),
    );
  });

  it('reads over empty lines before a request', () => {
    expect(one('\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n')).toHaveLength(1);
  });

  it.each([
    ['a chunk size that is none', 'x\r\n'],
    ['a chunk size with a sign', '-1\r\n'],
    ['a chunk that is longer than announced', '1\r\nab\r\n'],
    ['a bare LF after a chunk size', '1\na\r\n'],
    ['a trailer without colon', '0\r\nname\r\n\r\n'],
    ['an endless chunk line', `1;${'x'.repeat(5_000)}\r\n`],
  ])('refuses %s', (_, body) => {
    const start = 'PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(() => one(start + body)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('refuses a head without end once it is too long', () => {
    const endless = Buffer.alloc(MAX_HEAD_BYTES + 1, 'x');
    expect(() => parse([Buffer.from('GET / '), endless])).toThrow(
      expect.objectContaining({ status: 431 }),
    );
  });
});
