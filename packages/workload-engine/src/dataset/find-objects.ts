import { planListing } from '@sai3bench/datagen';
import type { KeptPool } from './kept-pool.ts';
import type { SideStore } from './side-store.ts';

/** What looking for objects needs. */
export interface FindOptions {
  readonly pool: KeptPool;
  readonly store: SideStore;
  /** By listing, which finds a thousand objects with one request where the store is one of objects, or one by one. */
  readonly by: 'list' | 'stat';
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Told how many objects, or listings, have been looked at. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** What was found. */
export interface FoundObjects {
  readonly found: number;
  /** Of these, objects that are not as long as the plan says. */
  readonly otherSize: number;
}

/**
 * Looks which of an agent's own objects exist, of those in state `unknown`: they become `found`, or `created` if they were known to be, or `planned`. Memory
 * does not grow with their number.
 */
export async function findObjects(options: FindOptions): Promise<FoundObjects> {
  const finder = new ObjectFinder(options);
  await (options.by === 'list' ? finder.list() : finder.stat());
  return finder.result;
}

class ObjectFinder {
  readonly #options: FindOptions;
  #done = 0;
  #found = 0;
  #otherSize = 0;

  constructor(options: FindOptions) {
    this.#options = options;
  }

  get result(): FoundObjects {
    return { found: this.#found, otherSize: this.#otherSize };
  }

  async list(): Promise<void> {
    const { onProgress, pool, store } = this.#options;
    const { objects, states } = pool;
    const { dataset, plan } = objects;
    const listing = planListing(plan.naming, plan.name, plan.own);
    let next = 0;
    await this.#inParallel(async () => {
      const position = next++;
      if (position >= listing.count) return false;
      await store.list(plan.prefix + listing.prefixAt(position), ({ key, sizeBytes }) => {
        const index = dataset.indexOf(key);
        if (index !== undefined && objects.isOwn(index)) this.#note(index, sizeBytes);
      });
      onProgress(++this.#done, listing.count);
      return true;
    });
    // Everything was listed: what was not found is not there.
    states.replace('unknown', 'planned');
  }

  async stat(): Promise<void> {
    const { onProgress, pool, store } = this.#options;
    const { objects, states } = pool;
    const { dataset, plan } = objects;
    const total = states.countOf('unknown');
    let next = states.nextIn('unknown', 0);
    await this.#inParallel(async () => {
      const position = next;
      if (position >= states.count) return false;
      next = states.nextIn('unknown', position + 1);
      const index = plan.own.begin + position;
      const sizeBytes = await store.stat(dataset.keyOf(index));
      if (sizeBytes === undefined) states.set(position, 'planned');
      else this.#note(index, sizeBytes);
      onProgress(++this.#done, total);
      return true;
    });
  }

  #note(index: number, sizeBytes: number): void {
    const { pool } = this.#options;
    const { dataset, plan } = pool.objects;
    const position = index - plan.own.begin;
    if (pool.states.get(position) !== 'unknown') return;
    const isPlannedSize = sizeBytes === dataset.sizeOf(index);
    pool.found(position, isPlannedSize);
    this.#found++;
    if (!isPlannedSize) this.#otherSize++;
  }

  /** Calls `step` again and again, several at once, until it returns false; the first failure ends all. */
  async #inParallel(step: () => Promise<boolean>): Promise<void> {
    const { concurrency, signal } = this.#options;
    let failed = false;
    const work = async (): Promise<void> => {
      try {
        while (!failed && !signal.aborted && (await step()));
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    signal.throwIfAborted();
  }
}
