import { type Checkpoint, chooseNewest, type MetadataCache } from '@sai3bench/metadata-cache';

/** Something that a run has begun to do to a pool, and not ended. */
export type PoolMark = 'unfinished';

/** Name of the value that is in a cache while a mark is on a pool. */
const VALUE_NAMES: Readonly<Record<PoolMark, string>> = { unfinished: 'prepare-unfinished' };

/**
 * What earlier runs have begun to do to pools, and not ended, and this one now does. A pool may have been in other
 * caches and in checkpoints since: the newest knowledge of its objects says whether it is still so.
 */
export class PoolMarks {
  readonly #cache: MetadataCache | undefined;
  readonly #set = new Map<PoolMark, Set<string>>();

  /**
   * @param own cache in which the marks are kept
   * @param identities the pools of the run
   */
  constructor(
    own: MetadataCache | undefined,
    siblings: readonly MetadataCache[],
    checkpoints: readonly Checkpoint[],
    identities: readonly string[],
  ) {
    this.#cache = own;
    const caches = own === undefined ? siblings : [own, ...siblings];
    const marked = identities.filter((identity) => isMarked(identity, caches, checkpoints));
    this.#set.set('unfinished', new Set(marked));
  }

  has(mark: PoolMark, identity: string): boolean {
    return this.#set.get(mark)?.has(identity) === true;
  }

  /** All marks that are on a pool. */
  of(identity: string): readonly PoolMark[] {
    return [...this.#set].flatMap(([mark, marked]) => (marked.has(identity) ? [mark] : []));
  }

  /** Puts a mark on a pool, or takes it away; safe when this returns. */
  async put(mark: PoolMark, identity: string, isSet: boolean): Promise<void> {
    const marked = this.#set.get(mark);
    if (isSet) marked?.add(identity);
    else marked?.delete(identity);
    await this.save(mark, identity);
  }

  /** Writes down what is said of a pool, where the cache does not say so already. */
  async save(mark: PoolMark, identity: string): Promise<void> {
    const name = valueName(mark, identity);
    const isSet = this.has(mark, identity);
    if (this.#cache === undefined || (this.#cache.value(name) === true) === isSet) return;
    await this.#cache.putValue(name, isSet ? true : undefined);
  }
}

/** Whether those who know a pool's objects best say that a prepare of it has not come to its end. */
function isMarked(
  identity: string,
  caches: readonly MetadataCache[],
  checkpoints: readonly Checkpoint[],
): boolean {
  const name = valueName('unfinished', identity);
  const sources = [
    ...caches.map((cache) => ({
      ranges: cache.known(identity),
      isMarked: cache.value(name) === true,
    })),
    ...checkpoints.flatMap(({ manifest }) =>
      manifest.pools
        .filter((pool) => pool.identity === identity)
        .map(({ marks = [], range }) => ({
          ranges: [range],
          isMarked: marks.includes('unfinished'),
        })),
    ),
  ];
  const newest = chooseNewest(
    sources.map(({ ranges }) => ranges),
    { begin: 0, end: Number.MAX_SAFE_INTEGER },
  );
  const latestRun = Math.max(0, ...newest.map(({ known }) => known.generation));
  return newest.some(
    ({ known, source }) => known.generation === latestRun && sources[source]?.isMarked === true,
  );
}

function valueName(mark: PoolMark, identity: string): string {
  return `${VALUE_NAMES[mark]} ${identity}`;
}
