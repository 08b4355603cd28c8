import type { Content } from './content.ts';
import { dedupGroup } from './dedup.ts';
import { ObjectNames, type ObjectNaming } from './naming/object-names.ts';
import { deriveSeed, type Seed } from './seed.ts';
import { sizeAt, type SizeDistribution } from './size-distribution.ts';

/** What defines a set of prepared objects. */
export interface DatasetSpec {
  /** What tells it from other datasets at the same place: `prepared` or `deletable`. Flat names begin with it. */
  readonly name: string;
  /** Put before every name: empty, or ending with `/`. */
  readonly prefix: string;
  /** Flat, without shards, when absent. */
  readonly naming?: ObjectNaming;
  readonly count: number;
  readonly sizes: SizeDistribution;
  readonly fill: Content['fill'];
  readonly dedupFactor: number;
  readonly compressFactor: number;
  /** Of its own: datasets with the same seed and name have the same sizes and contents, wherever they are. */
  readonly seed: Seed;
}

const FLAT: ObjectNaming = { type: 'flat', shards: 0 };

/**
 * A dataset as a function: key, size and content of object i are computed from i, in any order, so that
 * no list is kept however many objects there are.
 */
export class Dataset {
  readonly spec: DatasetSpec;
  readonly content: Content;
  readonly names: ObjectNames;
  readonly #sizeSeed: Seed;

  constructor(spec: DatasetSpec) {
    this.spec = spec;
    this.names = new ObjectNames(spec.naming ?? FLAT, spec.name);
    this.#sizeSeed = deriveSeed(spec.seed, `${spec.name}/size`);
    this.content = contentOf(deriveSeed(spec.seed, `${spec.name}/content`), spec, this.#sizeSeed);
  }

  get count(): number {
    return this.spec.count;
  }

  /** The key of object `index`, below the store's root: `data/prepared-00000042.dat`. */
  keyOf(index: number): string {
    return this.spec.prefix + this.names.nameOf(index);
  }

  /** The number of the object with a key; undefined for a key that is none of its objects'. */
  indexOf(key: string): number | undefined {
    if (!key.startsWith(this.spec.prefix)) return undefined;
    const index = this.names.indexOf(key.slice(this.spec.prefix.length));
    return index === undefined || index >= this.count ? undefined : index;
  }

  /** The size in bytes of object `index`. */
  sizeOf(index: number): number {
    return sizeAt(this.spec.sizes, this.#sizeSeed, index);
  }
}

/**
 * The content of a set of objects whose sizes are drawn from `sizeSeed`. It does not depend on how many there are, so that a
 * set can grow.
 */
export function contentOf(
  seed: Seed,
  spec: Pick<DatasetSpec, 'fill' | 'dedupFactor' | 'compressFactor' | 'sizes'>,
  sizeSeed: Seed,
): Content {
  const { fill, dedupFactor, compressFactor, sizes } = spec;
  return {
    fill,
    seed,
    compressFactor,
    dedupFactor,
    ...(dedupFactor > 1 ? { dedupGroup: dedupGroup(sizeSeed, dedupFactor, sizes) } : {}),
  };
}
