import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES, type Content } from './content.ts';
import { contentOf } from './dataset.ts';
import { PayloadGenerator } from './payload-generator.ts';
import { type Seed, seedOf, seedToBigInt } from './seed.ts';
import { sizeAt, type SizeDistribution } from './size-distribution.ts';

const MASK = 2n ** 64n - 1n;
const poolSeed = seedOf(0x0123_4567_89ab_cdefn);
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
    const pool = nth(seedToBigInt(poolSeed), BigInt(poolWord + word));
    bytes.writeBigUInt64LE(pool ^ (words[word % 2] ?? 0n), word * 8);
  }
  return bytes;
}

/** The content of objects 0 to `count` - 1, one after the other. */
function dataset(content: Content, sizes: SizeDistribution, sizeSeed: Seed, count: number): Buffer {
  const generator = new PayloadGenerator(poolSeed, 2 ** 22);
  const target = generator.allocate(2 ** 22);
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const sizeBytes = sizeAt(sizes, sizeSeed, index);
      generator.fill(target, content, { index, sizeBytes }, 0, sizeBytes);
      return Buffer.from(target.subarray(0, sizeBytes));
    }),
  );
}

function zstdRatio(data: Buffer): number {
  const compressed = zstdCompressSync(data, {
    params: {
      [constants.ZSTD_c_windowLog]: 27,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
    },
  });
  return data.length / compressed.length;
}

describe('PayloadGenerator', () => {
  it('writes the bytes that content.ts defines', () => {
    const generator = new PayloadGenerator(poolSeed, BLOCK_BYTES);
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
    const generator = new PayloadGenerator(poolSeed, 2 ** 20);
    const whole = generator.allocate(10 * BLOCK_BYTES);
    const piece = generator.allocate(3 * BLOCK_BYTES);
    const object = { index: 5, sizeBytes: 10 * BLOCK_BYTES - 100 };
    const content = { ...plain, compressFactor: 3, dedupFactor: 2 };
    const shared = { ...content, dedupGroup: { objects: 100, meanRemainderBlocks: 1 } };
    for (const each of [plain, content, shared]) {
      generator.fill(whole, each, object, 0, object.sizeBytes);
      for (const firstBlock of [0, 4, 7]) {
        generator.fill(piece, each, object, firstBlock * BLOCK_BYTES, 3 * BLOCK_BYTES);
        const begin = firstBlock * BLOCK_BYTES;
        expect(Buffer.from(piece).equals(whole.subarray(begin, begin + piece.length))).toBe(true);
      }
    }
  });

  it('makes data in which zstd finds nothing and no sector repeats', () => {
    const data = dataset(plain, { type: 'fixed', sizeBytes: 65_536 }, seedOf(1n), 512);
    expect(zstdRatio(data)).toBeLessThan(1.01);
    const sectors = new Set<string>();
    for (let at = 0; at < data.length; at += 512)
      sectors.add(data.toString('latin1', at, at + 512));
    expect(sectors.size).toBe(data.length / 512);
  });

  it('fills with zeros on request', () => {
    const data = dataset(
      { ...plain, fill: 'zero' },
      { type: 'fixed', sizeBytes: 9000 },
      plain.seed,
      2,
    );
    expect(data.every((byte) => byte === 0)).toBe(true);
  });

  it.each([[2], [3], [5], [10]])('compresses %d to 1 with that compress_factor', (factor) => {
    const content = { ...plain, compressFactor: factor };
    const ratio = zstdRatio(dataset(content, { type: 'fixed', sizeBytes: 65_536 }, plain.seed, 64));
    expect(Math.abs(ratio / factor - 1)).toBeLessThan(0.05);
  });

  it.each<[string, SizeDistribution, number, number]>([
    ['objects of one block', { type: 'fixed', sizeBytes: 4096 }, 2, 8000],
    ['objects of five blocks', { type: 'fixed', sizeBytes: 20_480 }, 3, 3000],
    ['large objects', { type: 'fixed', sizeBytes: 2 ** 22 }, 4, 8],
    ['objects of many sizes', { type: 'uniform', minBytes: 1, maxBytes: 60_000 }, 2, 3000],
    [
      'lognormal sizes',
      { type: 'lognormal', meanBytes: 30_000, stdDevBytes: 20_000, minBytes: 1, maxBytes: 10 ** 6 },
      5,
      3000,
    ],
  ])('keeps one block in dedup_factor distinct over %s', (_, sizes, factor, count) => {
    const sizeSeed = seedOf(11n);
    const content = contentOf(
      seedOf(12n),
      { fill: 'random', compressFactor: 1, dedupFactor: factor, sizes },
      sizeSeed,
      count,
    );
    const generator = new PayloadGenerator(poolSeed, 2 ** 22);
    const target = generator.allocate(2 ** 22);
    const distinct = new Set<string>();
    let blocks = 0;
    for (let index = 0; index < count; index++) {
      const sizeBytes = sizeAt(sizes, sizeSeed, index);
      generator.fill(target, content, { index, sizeBytes }, 0, sizeBytes);
      for (let at = 0; at < sizeBytes; at += BLOCK_BYTES) {
        distinct.add(Buffer.from(target.subarray(at, at + 32)).toString('latin1'));
        blocks++;
      }
    }
    expect(Math.abs(blocks / distinct.size / factor - 1)).toBeLessThan(0.05);
  });

  it('hands out page-aligned buffers until its capacity is used up', () => {
    const generator = new PayloadGenerator(poolSeed, 2 * BLOCK_BYTES);
    expect(generator.allocate(100).byteOffset % 4096).toBe(0);
    expect(generator.allocate(100).byteLength).toBe(4096);
    const rest = 65_536;
    expect(() => generator.allocate(rest)).toThrow(
      expect.objectContaining({ code: 'DATAGEN_CAPACITY' }),
    );
  });
});
