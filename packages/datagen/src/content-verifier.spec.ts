import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES, type Content } from './content.ts';
import { ContentVerifier } from './content-verifier.ts';
import { contentOf } from './dataset.ts';
import { seedOf } from './seed.ts';
import { objectBytes, POOL_SEED } from './testing/object-bytes.ts';

const SIZE_BYTES = 300_001;
const sizes = { type: 'fixed', sizeBytes: SIZE_BYTES } as const;
const verifier = new ContentVerifier(POOL_SEED);

/** Contents of every kind, each with the bytes of its object number 2. */
const SAMPLES = [
  { fill: 'random', dedupFactor: 1, compressFactor: 1 },
  { fill: 'zero', dedupFactor: 1, compressFactor: 1 },
  { fill: 'random', dedupFactor: 7, compressFactor: 1 },
  { fill: 'random', dedupFactor: 1, compressFactor: 3 },
  { fill: 'random', dedupFactor: 2, compressFactor: 5 },
].map((kind) => {
  const content = contentOf(
    seedOf(9n),
    { ...kind, fill: kind.fill as Content['fill'], sizes },
    seedOf(1n),
  );
  let bytes = Buffer.alloc(0);
  for (const object of objectBytes(content, sizes, seedOf(1n), 3)) bytes = Buffer.from(object);
  return { content, bytes };
});
const object = { index: 2, sizeBytes: SIZE_BYTES };
const sample = fc.constantFrom(...SAMPLES);
const range = fc
  .tuple(fc.nat(SIZE_BYTES), fc.nat(SIZE_BYTES))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe('ContentVerifier', () => {
  it('finds any part of an object right, knowing only seed, number and offset', () => {
    fc.assert(
      fc.property(sample, range, ({ bytes, content }, [begin, end]) => {
        const part = bytes.subarray(begin, end);
        expect(verifier.firstDifference(part, content, object, begin)).toBe(-1);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the first wrong byte, wherever it is', () => {
    fc.assert(
      fc.property(
        sample,
        range.filter(([begin, end]) => begin < end),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ({ bytes, content }, [begin, end], place, change) => {
          const part = Buffer.from(bytes.subarray(begin, end));
          const at = place % part.length;
          part[at] = (part[at] ?? 0) ^ change;
          if (at + 1 < part.length) part[part.length - 1] = ~(part[part.length - 1] ?? 0);
          expect(verifier.firstDifference(part, content, object, begin)).toBe(at);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not take a block for one of another place or of another object', () => {
    const [{ bytes, content } = { bytes: Buffer.alloc(0), content: undefined }] = SAMPLES;
    if (content === undefined) return;
    const blocks = Math.floor(SIZE_BYTES / BLOCK_BYTES);
    for (let block = 1; block < blocks; block++) {
      const begin = block * BLOCK_BYTES;
      const right = bytes.subarray(begin, begin + BLOCK_BYTES);
      const differs = (index: number, offsetBytes: number): boolean =>
        verifier.firstDifference(right, content, { ...object, index }, offsetBytes) >= 0;
      expect(differs(2, begin)).toBe(false);
      expect(differs(2, begin - BLOCK_BYTES)).toBe(true);
      expect(differs(3, begin)).toBe(true);
    }
  });
});
