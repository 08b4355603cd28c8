import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES, type Content } from './content.ts';
import { PayloadGenerator } from './payload-generator.ts';
import { type Seed, seedOf, seedToBigInt } from './seed.ts';
import { objectBytes, POOL_SEED } from './testing/object-bytes.ts';

const MASK = 2n ** 64n - 1n;
const plain: Content = { fill: 'random', seed: seedOf(42n), compressFactor: 1, dedupFactor: 1 };

/** nth(seed, n) of content.ts, written from its definition. */
function nth(seed: bigint, n: bigint): bigint {
  let z = (seed + (n + 1n) * 0x9e37_79b9_7f4a_7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK;
  return z ^ (z >> 31n);
}

/** One sector of random data, written from the definition in content.ts. */
function referenceSector(seed: Seed, object: number, block: number, sector: number): Buffer {
  const blockSeed = nth(nth(seedToBigInt(seed), BigInt(object)), BigInt(block));
  const words = [nth(blockSeed, 2n * BigInt(sector)), nth(blockSeed, 2n * BigInt(sector) + 1n)];
  const poolWord = (Number((words[0] ?? 0n) >> 48n) * 16) / 8;
  const bytes = Buffer.alloc(512);
  for (let word = 0; word < 64; word++) {
    const pool = nth(seedToBigInt(POOL_SEED), BigInt(poolWord + word));
    bytes.writeBigUInt64LE(pool ^ (words[word % 2] ?? 0n), word * 8);
  }
  return bytes;
}

describe('PayloadGenerator', () => {
  it('writes the bytes that content.ts defines', () => {
    const generator = new PayloadGenerator(POOL_SEED, BLOCK_BYTES);
    const target = generator.allocate(BLOCK_BYTES);
    fc.assert(
      fc.property(fc.nat(2 ** 30), fc.nat(2 ** 30), fc.nat(7), (index, block, sector) => {
        const object = { index, sizeBytes: 2 ** 50 };
        generator.fill(target, plain, object, block * BLOCK_BYTES, BLOCK_BYTES);
        expect(
          referenceSector(plain.seed, index, block, sector).equals(
            target.subarray(sector * 512, sector * 512 + 512),
          ),
        ).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('writes the same bytes in pieces as at once', () => {
    const generator = new PayloadGenerator(POOL_SEED, 2 ** 20);
    const whole = generator.allocate(10 * BLOCK_BYTES);
    const piece = generator.allocate(3 * BLOCK_BYTES);
    const object = { index: 5, sizeBytes: 10 * BLOCK_BYTES - 100 };
    const content = { ...plain, compressFactor: 3, dedupFactor: 2 };
    const shared = { ...content, dedupGroup: { objects: 100, sharedBlocks: 50, sharedTails: 50 } };
    for (const each of [plain, content, shared]) {
      generator.fill(whole, each, object, 0, object.sizeBytes);
      for (const firstBlock of [0, 4, 7]) {
        generator.fill(piece, each, object, firstBlock * BLOCK_BYTES, 3 * BLOCK_BYTES);
        const begin = firstBlock * BLOCK_BYTES;
        expect(Buffer.from(piece).equals(whole.subarray(begin, begin + piece.length))).toBe(true);
      }
    }
  });

  it('fills with zeros on request', () => {
    const sizes = { type: 'fixed', sizeBytes: 9000 } as const;
    for (const object of objectBytes({ ...plain, fill: 'zero' }, sizes, plain.seed, 2)) {
      expect(object.every((byte) => byte === 0)).toBe(true);
    }
  });

  it('hands out page-aligned buffers until its capacity is used up', () => {
    const generator = new PayloadGenerator(POOL_SEED, 2 * BLOCK_BYTES);
    expect(generator.allocate(100).byteOffset % 4096).toBe(0);
    expect(generator.allocate(100).byteLength).toBe(4096);
    const rest = 65_536;
    expect(() => generator.allocate(rest)).toThrow(
      expect.objectContaining({ code: 'DATAGEN_CAPACITY' }),
    );
  });
});
