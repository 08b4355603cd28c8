import { describe, expect, it } from '@jest/globals';
import type { Content } from './content.ts';
import { seedOf } from './seed.ts';
import type { SizeDistribution } from './size-distribution.ts';
import { DistinctBlocks } from './testing/distinct-blocks.ts';
import { objectBytes } from './testing/object-bytes.ts';
import { zstdRatio } from './testing/zstd.ts';

const MIB = 1024 * 1024;
const SECTOR_BYTES = 512;
/** A guard against hanging, for a slow core that others use too. */
const TIMEOUT_MS = 300_000;

/** Two sets of objects, of 512 MiB each: large ones of many sizes, and small ones. */
const SETS: readonly (readonly [Content, SizeDistribution, number])[] = [
  [
    { fill: 'random', seed: seedOf(42n), compressFactor: 1, dedupFactor: 1 },
    { type: 'uniform', minBytes: 1, maxBytes: 2 * MIB - 1 },
    512,
  ],
  [
    { fill: 'random', seed: seedOf(43n), compressFactor: 1, dedupFactor: 1 },
    { type: 'fixed', sizeBytes: 4096 },
    131_072,
  ],
];

function* allObjects(): Generator<Uint8Array> {
  for (const [content, sizes, count] of SETS) {
    yield* objectBytes(content, sizes, seedOf(1n), count);
  }
}

describe('1 GiB of objects taken as one set', () => {
  it(
    'is not made smaller by zstd with a window of 128 MiB',
    async () => {
      expect(await zstdRatio(allObjects())).toBeLessThan(1 / 0.99);
    },
    TIMEOUT_MS,
  );

  it(
    'has no two equal blocks of 512 bytes',
    () => {
      const sectors = new DistinctBlocks(2 ** 22);
      let bytes = 0;
      for (const object of allObjects()) {
        bytes += object.length;
        for (let end = SECTOR_BYTES; end <= object.length; end += SECTOR_BYTES) {
          sectors.add(object.subarray(end - SECTOR_BYTES, end));
        }
      }
      expect(bytes).toBeGreaterThan(1000 * MIB);
      expect(sectors.total).toBeGreaterThan(2_000_000);
      expect(sectors.distinct()).toBe(sectors.total);
    },
    TIMEOUT_MS,
  );

  it(
    'would be seen to repeat by this zstd at a distance of 96 MiB',
    async () => {
      const [content, sizes] = SETS[0] ?? [];
      if (content === undefined || sizes === undefined) return;
      const once = (): Iterable<Uint8Array> => objectBytes(content, sizes, seedOf(1n), 96);
      const twice = function* (): Generator<Uint8Array> {
        yield* once();
        yield* once();
      };
      expect(await zstdRatio(twice())).toBeGreaterThan(1.9);
    },
    TIMEOUT_MS,
  );
});
