import { type Checkpoint, chooseNewest, type MetadataCache } from '@sai3bench/metadata-cache';

/** Something that a run has begun to do to a pool, and not ended. */
export type PoolMark =
  /** A prepare has not come to its end. */
  | 'unfinished'
  /** Objects are being deleted, of which the latest are not written down. */
  | 'deleting';

/** Name of the value that is in a cache while a mark is on a pool. */
const VALUE_NAMES: Readonly<Record<PoolMark, string>> = {
  unfinished: 'prepare-unfinished',
  deleting: 'deleting',
};

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
    const unfinished = identities.filter((identity) => isUnfinished(identity, caches, checkpoints));
    const deleting = identities.filter((identity) => isMarkedIn(own, 'deleting', identity));
    this.#set.set('unfinished', new Set(unfinished)).set('deleting', new Set(deleting));
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
    const isSet = this.has(mark, identity);
    if (this.#cache === undefined || isMarkedIn(this.#cache, mark, identity) === isSet) return;
    await this.#cache.putValue(valueName(mark, identity), isSet ? true : undefined);
  }
}

/** Whether those who know a pool's objects best say that a prepare of it has not come to its end. */
function isUnfinished(
  identity: string,
  caches: readonly MetadataCache[],
  checkpoints: readonly Checkpoint[],
): boolean {
  const sources = [
    ...caches.map((cache) => ({
      ranges: cache.known(identity),
      isMarked: isMarkedIn(cache, 'unfinished', identity),
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

/** Whether a cache says that a mark is on a pool. */
export function isMarkedIn(
  cache: MetadataCache | undefined,
  mark: PoolMark,
  identity: string,
): boolean {
  return cache?.value(valueName(mark, identity)) === true;
}

function valueName(mark: PoolMark, identity: string): string {
  return `${VALUE_NAMES[mark]} ${identity}`;
}
