import type { Content } from './content.ts';
import { dedupGroup } from './dedup.ts';
import { deriveSeed, type Seed } from './seed.ts';
import { sizeAt, type SizeDistribution } from './size-distribution.ts';

/** What defines a set of prepared objects. */
export interface DatasetSpec {
  /** First part of the file name: `prepared` or `deletable`. */
  readonly name: string;
  /** Put before the file name: empty, or ending with `/`. */
  readonly prefix: string;
  readonly count: number;
  readonly sizes: SizeDistribution;
  readonly fill: Content['fill'];
  readonly dedupFactor: number;
  readonly compressFactor: number;
  readonly seed: Seed;
}

/**
 * A dataset as a function: key, size and content of object i are computed from i, in any order, so that
 * no list is kept however many objects there are.
 */
export class Dataset {
  readonly spec: DatasetSpec;
  readonly content: Content;
  readonly #sizeSeed: Seed;

  constructor(spec: DatasetSpec) {
    this.spec = spec;
    this.#sizeSeed = deriveSeed(spec.seed, `${spec.prefix}${spec.name}/size`);
    this.content = contentOf(
      deriveSeed(spec.seed, `${spec.prefix}${spec.name}/content`),
      spec,
      this.#sizeSeed,
      spec.count,
    );
  }

  get count(): number {
    return this.spec.count;
  }

  /** The key of object `index`, below the store's root: `data/prepared-00000042.dat`. */
  keyOf(index: number): string {
    return `${this.spec.prefix}${this.spec.name}-${String(index).padStart(8, '0')}.dat`;
  }

  /** The size in bytes of object `index`. */
  sizeOf(index: number): number {
    return sizeAt(this.spec.sizes, this.#sizeSeed, index);
  }
}

/** The content of a set of objects whose sizes are drawn from `sizeSeed`. */
export function contentOf(
  seed: Seed,
  spec: Pick<DatasetSpec, 'fill' | 'dedupFactor' | 'compressFactor' | 'sizes'>,
  sizeSeed: Seed,
  count: number,
): Content {
  const { fill, dedupFactor, compressFactor, sizes } = spec;
  return {
    fill,
    seed,
    compressFactor,
    dedupFactor,
    ...(dedupFactor > 1 ? { dedupGroup: dedupGroup(sizeSeed, dedupFactor, sizes, count) } : {}),
  };
}
