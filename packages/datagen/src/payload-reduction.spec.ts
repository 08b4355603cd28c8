import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES } from './content.ts';
import { contentOf } from './dataset.ts';
import { seedOf } from './seed.ts';
import { meanSizeBytes, type SizeDistribution } from './size-distribution.ts';
import { DistinctBlocks } from './testing/distinct-blocks.ts';
import { objectBytes } from './testing/object-bytes.ts';
import { zstdRatio } from './testing/zstd.ts';

/** How far a measured factor may be from the one asked for. */
const TOLERANCE = 0.05;
const MIB = 1024 * 1024;
const SIZE_SEED = seedOf(11n);

/** The first objects of a set. */
function objectsOf(
  factors: { dedupFactor?: number; compressFactor?: number },
  sizes: SizeDistribution,
  count: number,
  { seed = 12n } = {},
): Iterable<Uint8Array> {
  const spec = { fill: 'random', dedupFactor: 1, compressFactor: 1, ...factors, sizes } as const;
  const content = contentOf(seedOf(seed), spec, SIZE_SEED);
  return objectBytes(content, sizes, SIZE_SEED, count);
}

/** How many blocks there are for each distinct one; of objects of many sizes only whole blocks can be equal. */
function dedupRatio(objects: Iterable<Uint8Array>, withTails: boolean): number {
  const blocks = new DistinctBlocks(MIB);
  for (const object of objects) {
    for (let begin = 0; begin < object.length; begin += BLOCK_BYTES) {
      const block = object.subarray(begin, begin + BLOCK_BYTES);
      if (withTails || block.length === BLOCK_BYTES) blocks.add(block);
    }
  }
  return blocks.total / blocks.distinct();
}

function expectFactor(measured: number, asked: number): void {
  expect(Math.abs(measured / asked - 1)).toBeLessThan(TOLERANCE);
}

describe('compress_factor', () => {
  it.each([[1], [2], [3], [4], [5], [7], [10], [15], [20]])(
    'of %d is what zstd reaches, over the stream and on each 4 KiB alone',
    async (factor) => {
      const sizes = { type: 'fixed', sizeBytes: 65_536 } as const;
      const objects = (): Iterable<Uint8Array> => objectsOf({ compressFactor: factor }, sizes, 128);
      expectFactor(await zstdRatio(objects()), factor);
      let bytes = 0;
      let compressed = 0;
      for (const object of objects()) {
        for (let begin = 0; begin < object.length; begin += BLOCK_BYTES) {
          compressed += zstdCompressSync(object.subarray(begin, begin + BLOCK_BYTES)).length;
        }
        bytes += object.length;
      }
      expectFactor(bytes / compressed, factor);
    },
  );

  it('holds for objects of any size, alone and in a stream, where enough is left of each', async () => {
    const anySize = fc.oneof(
      fc.integer({ min: 400, max: 4096 }),
      fc.integer({ min: 4096, max: 40_000 }),
    );
    const factor = fc.double({ min: 1, max: 20, noNaN: true });
    await fc.assert(
      fc.asyncProperty(anySize, factor, async (sizeBytes, compressFactor) => {
        fc.pre(sizeBytes / compressFactor >= 400);
        const sizes = { type: 'fixed', sizeBytes } as const;
        const objects = (): Iterable<Uint8Array> => objectsOf({ compressFactor }, sizes, 32);
        expectFactor(await zstdRatio(objects()), compressFactor);
        let compressed = 0;
        for (const object of objects()) compressed += zstdCompressSync(object).length;
        expectFactor((32 * sizeBytes) / compressed, compressFactor);
      }),
      { numRuns: 40 },
    );
  });

  it('holds over objects of many sizes, most of which end within a block', async () => {
    const sizes = { type: 'uniform', minBytes: 1, maxBytes: 20_000 } as const;
    for (const factor of [2, 4, 10]) {
      expectFactor(await zstdRatio(objectsOf({ compressFactor: factor }, sizes, 1000)), factor);
    }
  });

  it('leaves something in each block that tells it from the others, however large it is', () => {
    const sizes = { type: 'fixed', sizeBytes: 65_536 } as const;
    for (const compressFactor of [64, 1000, 1e6]) {
      expect(dedupRatio(objectsOf({ compressFactor }, sizes, 1000), true)).toBe(1);
    }
  });
});

describe('dedup_factor', () => {
  it.each<[string, SizeDistribution, number, number]>([
    ['objects of one block', { type: 'fixed', sizeBytes: 4096 }, 2, 8000],
    ['objects of one block and a large factor', { type: 'fixed', sizeBytes: 4096 }, 20, 98_304],
    ['objects of five blocks', { type: 'fixed', sizeBytes: 20_480 }, 3, 3000],
    ['objects that end within a block', { type: 'fixed', sizeBytes: 9000 }, 3, 4000],
    ['objects of less than a block', { type: 'fixed', sizeBytes: 100 }, 4, 20_000],
    ['large objects', { type: 'fixed', sizeBytes: 2 ** 22 }, 4, 32],
  ])('counts all blocks of %s', (_, sizes, factor, count) => {
    expectFactor(dedupRatio(objectsOf({ dedupFactor: factor }, sizes, count), true), factor);
  });

  it.each<[string, SizeDistribution, number, number]>([
    ['many sizes', { type: 'uniform', minBytes: 1, maxBytes: 60_000 }, 2, 3000],
    ['small sizes', { type: 'uniform', minBytes: 1, maxBytes: 9_000 }, 3, 20_000],
    [
      'lognormal sizes',
      { type: 'lognormal', meanBytes: 30_000, stdDevBytes: 20_000, minBytes: 1, maxBytes: 10 ** 6 },
      5,
      3000,
    ],
  ])('counts the whole blocks of objects of %s', (_, sizes, factor, count) => {
    expectFactor(dedupRatio(objectsOf({ dedupFactor: factor }, sizes, count), false), factor);
  });

  it('holds for what a set that grows has so far', () => {
    const sizes = { type: 'fixed', sizeBytes: 4096 } as const;
    for (const count of [10_000, 30_000, 100_000]) {
      expectFactor(dedupRatio(objectsOf({ dedupFactor: 5 }, sizes, count), true), 5);
    }
  });

  it('holds for any factor, sizes and seed, given enough blocks', () => {
    const anySizes = fc.oneof(
      fc.record({
        type: fc.constant('fixed' as const),
        sizeBytes: fc.integer({ min: 4096, max: 200_000 }),
      }),
      fc.record({
        type: fc.constant('uniform' as const),
        minBytes: fc.constant(4096),
        maxBytes: fc.integer({ min: 4096, max: 200_000 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        anySizes,
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (factor, sizes, seed) => {
          const blocks = 4000 * factor;
          const count = Math.ceil((blocks * BLOCK_BYTES) / meanSizeBytes(sizes));
          const objects = objectsOf({ dedupFactor: factor }, sizes, count, { seed });
          expectFactor(dedupRatio(objects, false), factor);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('holds over a data set of 1 GiB, together with compress_factor', () => {
    const sizes = { type: 'uniform', minBytes: 65_536, maxBytes: 2 ** 21 - 65_536 } as const;
    const factors = { dedupFactor: 3, compressFactor: 4 };
    const blocks = new DistinctBlocks(MIB);
    let compressed = 0;
    let sampled = 0;
    let seen = 0;
    for (const object of objectsOf(factors, sizes, 1024)) {
      for (let begin = 0; begin < object.length; begin += BLOCK_BYTES) {
        const block = object.subarray(begin, begin + BLOCK_BYTES);
        if (block.length === BLOCK_BYTES) blocks.add(block);
        if (++seen % 64 !== 0) continue;
        compressed += zstdCompressSync(block).length;
        sampled += block.length;
      }
    }
    expectFactor(blocks.total / blocks.distinct(), factors.dedupFactor);
    expectFactor(sampled / compressed, factors.compressFactor);
  }, 300_000);
});
