import type { Content } from '../content.ts';
import { PayloadGenerator } from '../payload-generator.ts';
import { type Seed, seedOf } from '../seed.ts';
import { maxSizeBytes, sizeAt, type SizeDistribution } from '../size-distribution.ts';

/** The seed of the pool of all objects in tests. */
export const POOL_SEED = seedOf(0x0123_4567_89ab_cdefn);

/** The bytes of objects 0 to `count` - 1 in turn; each is valid until the next is asked for. */
export function* objectBytes(
  content: Content,
  sizes: SizeDistribution,
  sizeSeed: Seed,
  count: number,
): Generator<Uint8Array> {
  const largest = maxSizeBytes(sizes);
  const generator = new PayloadGenerator(POOL_SEED, largest + 4096);
  const target = generator.allocate(largest);
  for (let index = 0; index < count; index++) {
    const sizeBytes = sizeAt(sizes, sizeSeed, index);
    generator.fill(target, content, { index, sizeBytes }, 0, sizeBytes);
    yield target.subarray(0, sizeBytes);
  }
}
