import { describe, expect, it } from '@jest/globals';
import { parseRequestHead } from './request-head.ts';

const head = (...lines: string[]): string => ['GET / HTTP/1.1', 'Host: h', ...lines].join('\r\n');

describe('parseRequestHead()', () => {
  it('reads method, target and fields, with names in lower case and values without blanks around', () => {
    const parsed = parseRequestHead(
      'PUT /b/k?x=1 HTTP/1.1\r\nHost: h\r\nX-Amz-Date: \t now  \r\nEmpty:',
    );
    expect(parsed).toMatchObject({ method: 'PUT', target: '/b/k?x=1', keepAlive: true });
    expect(Object.fromEntries(parsed.headers)).toEqual({
      host: 'h',
      'x-amz-date': 'now',
      empty: '',
    });
  });

  it('joins fields that come twice', () => {
    expect(parseRequestHead(head('A: 1', 'a: 2')).headers.get('a')).toBe('1,2');
  });

  it.each([
    ['Content-Length: 12', { contentLength: 12, chunked: false }],
    ['Transfer-Encoding: Chunked', { contentLength: undefined, chunked: true }],
    ['Expect: 100-Continue', { expectsContinue: true }],
    ['Connection: Close', { keepAlive: false }],
    ['Connection: keep-alive, Upgrade', { keepAlive: true }],
  ])('understands %s', (line, expected) => {
    expect(parseRequestHead(head(line))).toMatchObject(expected);
  });

  it('closes after a request of HTTP/1.0, unless told otherwise', () => {
    expect(parseRequestHead('GET / HTTP/1.0').keepAlive).toBe(false);
    expect(parseRequestHead('GET / HTTP/1.0\r\nConnection: keep-alive').keepAlive).toBe(true);
  });

  it.each([
    ['no request line', ''],
    ['another protocol', 'GET / HTTP/2.0\r\nHost: h'],
    ['two blanks in the request line', 'GET  / HTTP/1.1\r\nHost: h'],
    ['a blank in the target', 'GET /a b HTTP/1.1\r\nHost: h'],
    ['no Host', 'GET / HTTP/1.1'],
    ['two Hosts', head('Host: h')],
    ['a blank before the colon', head('Name : x')],
    ['no colon', head('Name')],
    ['no name', head(': x')],
    ['a folded line', head('A: 1', ' 2')],
    ['a bare LF', head('A: 1\nB: 2')],
    ['a bare CR', head('A: 1\rB: 2')],
    ['a NUL', head('A: \0')],
    ['a length that is no number', head('Content-Length: 1x')],
    ['a negative length', head('Content-Length: -1')],
    ['two lengths', head('Content-Length: 1', 'Content-Length: 2')],
    ['a length and chunks', head('Content-Length: 1', 'Transfer-Encoding: chunked')],
  ])('refuses %s', (_, text) => {
    expect(() => parseRequestHead(text)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('does not know other transfer codings', () => {
    expect(() => parseRequestHead(head('Transfer-Encoding: gzip, chunked'))).toThrow(
      expect.objectContaining({ status: 501 }),
    );
  });
});
