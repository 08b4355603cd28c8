import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAwsChunked } from './aws-chunked.ts';

const decode = (text: string): ReturnType<typeof decodeAwsChunked> =>
  decodeAwsChunked(Buffer.from(text, 'latin1'));

describe('decodeAwsChunked()', () => {
  it('takes data, signatures and trailers apart', () => {
    const signature = 'a'.repeat(64);
    const body = decode(
      `3;chunk-signature=${signature}\r\nabc\r\n2;chunk-signature=${signature}\r\nde\r\n` +
        `0;chunk-signature=${signature}\r\nX-Amz-Checksum-Crc32: AAAA\r\n\r\n`,
    );
    expect(body.data.toString()).toBe('abcde');
    expect(body.chunks.map((chunk) => chunk.signature)).toEqual([signature, signature, signature]);
    expect([...body.trailers]).toEqual([['x-amz-checksum-crc32', 'AAAA']]);
  });

  it('gives back what was put into chunks', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const framed = chunks.map(
          (each) => `${each.length.toString(16)}\r\n${each.toString('latin1')}\r\n`,
        );
        const { data } = decode(`${framed.join('')}0\r\n\r\n`);
        expect(data.equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it.each([
    ['a body cut in a chunk', '5\r\nabc', 'IncompleteBody'],
    ['a body cut after a chunk', '3\r\nabc', 'IncompleteBody'],
    ['a body without its last chunk', '3\r\nabc\r\n', 'IncompleteBody'],
    ['no chunks at all', 'plain text\r\n', 'InvalidRequest'],
    ['a trailer without colon', '0\r\nnothing\r\n\r\n', 'MalformedTrailerError'],
  ])('refuses %s', (_, text, code) => {
    expect(() => decode(text)).toThrow(expect.objectContaining({ code }));
  });
});
