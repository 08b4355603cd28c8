import { describe, expect, it } from '@jest/globals';
import { formatAddress, parseListenAddress } from './listen-address.ts';

describe('parseListenAddress()', () => {
  it.each([
    ['127.0.0.1:7761', '127.0.0.1', 7761],
    ['0.0.0.0', '0.0.0.0', 7167],
    ['localhost:0', 'localhost', 0],
    ['[::1]:7761', '::1', 7761],
    ['[::]', '::', 7167],
  ])('understands %s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
  });

  it.each(['', ':7167', '127.0.0.1:port', 'a:70000', '::1:7167', 'http://x:1'])(
    'refuses %j',
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(
        expect.objectContaining({ code: 'LISTEN_ADDRESS' }),
      );
    },
  );

  it('writes addresses as they are typed', () => {
    expect(formatAddress({ host: '::1', port: 1 })).toBe('[::1]:1');
    expect(formatAddress({ host: '127.0.0.1', port: 2 })).toBe('127.0.0.1:2');
  });
});
