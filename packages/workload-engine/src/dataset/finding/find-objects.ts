import { planListing } from '@sai3bench/datagen';
import { inParallel } from '../in-parallel.ts';
import { findInDirectories } from './find-in-directories.ts';
import type { FindOptions } from './find-options.ts';
import { type FoundObjects, FoundNotes } from './found-objects.ts';

/** Reading directories whole is worth it where one in so many of their objects has to be looked for. */
const READ_WORTH = 32;

/**
 * Looks which of an agent's own objects exist, of those in state `unknown`: they become `found`, or `created` if they were known to be, or `planned`. Memory
 * does not grow with their number.
 */
export async function findObjects(options: FindOptions): Promise<FoundObjects> {
  const { states } = options.pool;
  const notes = new FoundNotes(options.pool);
  const finder = new ObjectFinder(options, notes);
  if (options.by === 'listings') await finder.list();
  else if (states.countOf('unknown') * READ_WORTH < states.count) await finder.stat();
  else await findInDirectories(options, notes);
  // Everything was looked at: what was not found is not there.
  states.replace('unknown', 'planned');
  return notes;
}

class ObjectFinder {
  readonly #options: FindOptions;
  readonly #notes: FoundNotes;
  #done = 0;

  constructor(options: FindOptions, notes: FoundNotes) {
    this.#options = options;
    this.#notes = notes;
  }

  async list(): Promise<void> {
    const { concurrency, onProgress, pool, signal, store } = this.#options;
    const { dataset, plan } = pool.objects;
    const listing = planListing(plan.naming, plan.name, plan.own);
    let next = 0;
    await inParallel(concurrency, signal, async () => {
      const position = next++;
      if (position >= listing.count) return false;
      await store.list(plan.prefix + listing.prefixAt(position), ({ key, sizeBytes }) => {
        const index = dataset.indexOf(key);
        if (index !== undefined) this.#notes.note(index, sizeBytes);
      });
      onProgress(++this.#done, listing.count);
      return true;
    });
  }

  async stat(): Promise<void> {
    const { concurrency, onProgress, pool, signal, store } = this.#options;
    const { objects, states } = pool;
    const { dataset, plan } = objects;
    const total = states.countOf('unknown');
    let next = states.nextIn('unknown', 0);
    await inParallel(concurrency, signal, async () => {
      const position = next;
      if (position >= states.count) return false;
      next = states.nextIn('unknown', position + 1);
      const index = plan.own.begin + position;
      const sizeBytes = await store.stat(dataset.keyOf(index));
      if (sizeBytes !== undefined) this.#notes.note(index, sizeBytes);
      onProgress(++this.#done, total);
      return true;
    });
  }
}
