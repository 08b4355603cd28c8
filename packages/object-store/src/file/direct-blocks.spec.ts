import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StoreRequest } from '../store-request.ts';
import { directPieces, directReadLength, piecesAfter } from './direct-blocks.ts';

const lengths = (pieces: readonly Uint8Array[]): number[] => pieces.map(({ length }) => length);

describe('directPieces()', () => {
  it.each([
    [0, true, []],
    [1, true, [4096]],
    [4095, true, [4096]],
    [4096, true, [4096]],
    [4097, true, [4096, 4096]],
    [12_300, true, [12_288, 4096]],
    [4096, false, [4096]],
    [12_300, false, [16_384]],
  ])('makes of %d bytes, aligned %s, pieces of %j', (length, aligned, expected) => {
    const chunk = new Uint8Array(length).fill(7);
    const pieces = directPieces(chunk, aligned, new Uint8Array(16_384).fill(9));
    expect(lengths(pieces)).toEqual(expected);
    const bytes = Buffer.concat(pieces);
    expect(bytes.subarray(0, length).equals(chunk)).toBe(true);
    expect(bytes.subarray(length).every((byte) => byte === 0)).toBe(true);
  });
});

describe('piecesAfter()', () => {
  it('leaves what follows the blocks that were written', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.nat(20), (blocks, written) => {
        const pieces = blocks.map((count, index) => new Uint8Array(count * 4096).fill(index + 1));
        const left = piecesAfter(pieces, written * 4096);
        const all = Buffer.concat(pieces);
        expect(Buffer.concat(left).equals(all.subarray(written * 4096))).toBe(true);
        expect(left.every(({ length }) => length > 0)).toBe(true);
      }),
    );
  });
});

describe('directReadLength()', () => {
  it.each([
    [-1, 0, 65_536],
    [0, 0, 4096],
    [1, 0, 4096],
    [4095, 0, 4096],
    [4096, 0, 8192],
    [65_536, 0, 65_536],
    [65_536, 65_536, 4096],
    [100, 8192, 65_536],
  ])('for %d bytes at %d reads %d', (sizeBytes, position, length) => {
    const request = new StoreRequest(() => undefined);
    request.sizeBytes = sizeBytes;
    expect(directReadLength(request, position, 65_536)).toBe(length);
  });

  it.each([
    [0, 1, 0, 4096],
    [100, 4096, 0, 8192],
    [8192, 4096, 8192, 4096],
    [0, 100_000, 65_536, 36_864],
    [0, 100_000, 0, 65_536],
  ])('for a range at %d of %d bytes, at %d, reads %d', (offsetBytes, lengthBytes, at, length) => {
    const request = new StoreRequest(() => undefined);
    request.range = { offsetBytes, lengthBytes };
    expect(directReadLength(request, at, 65_536)).toBe(length);
  });
});
