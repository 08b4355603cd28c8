import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseByteSize } from './byte-size.ts';

describe('parseByteSize()', () => {
  it.each([
    [4096, 4096],
    ['4096', 4096],
    ['0', 0],
    ['4KiB', 4096],
    ['4ki', 4096],
    ['4KB', 4000],
    ['4k', 4000],
    ['1.5 GiB', 1.5 * 1024 ** 3],
    ['1_048_576', 1048576],
    ['1,048,576', 1048576],
    [' 16MiB ', 16 * 1024 ** 2],
    ['2TB', 2e12],
    ['7B', 7],
  ])('reads %j as %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each([['-1'], [-1], [1.5], ['4 Kib b'], ['four'], [''], ['4XB'], ['KiB'], ['1e400'], [NaN]])(
    'refuses %j and says how to write a size',
    (text) => {
      expect(() => parseByteSize(text)).toThrow(
        expect.objectContaining({ code: 'UNIT_BYTE_SIZE', hint: expect.stringContaining('64KiB') }),
      );
    },
  );

  it('reads back every whole number of bytes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseByteSize(String(bytes))).toBe(bytes);
      }),
    );
  });
});
