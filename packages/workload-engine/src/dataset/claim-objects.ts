import { BenchError } from '@sai3bench/errors';
import type { ObjectState } from '@sai3bench/metadata-cache';
import type { ContentOrigin } from './content-origin.ts';
import { inParallel } from './in-parallel.ts';
import type { KeptPool } from './kept-pool.ts';
import type { SideStore } from './side-store.ts';

/** What claiming objects needs. */
export interface ClaimOptions {
  readonly pool: KeptPool;
  readonly store: SideStore;
  readonly origin: ContentOrigin;
  /** What was known of the objects in question before they were looked for. */
  readonly formerly: ReadonlySet<ObjectState>;
  /** Whether an object that is shorter than it should be may be ours: a file whose writing was interrupted. */
  readonly mayBeCut: boolean;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Told how many objects have been looked into. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Looks into objects that were found though nobody knew of them: those with the content that this dataset gives them
 * become `created`. What cannot be read, or tells nothing, stays `found`: it may be somebody else's.
 */
export async function claimObjects(options: ClaimOptions): Promise<void> {
  const { concurrency, formerly, onProgress, pool, signal } = options;
  const { states } = pool;
  const total = states.countOf('found');
  let done = 0;
  let next = states.nextIn('found', 0);
  await inParallel(concurrency, signal, async () => {
    const position = next;
    if (position >= states.count) return false;
    next = states.nextIn('found', position + 1);
    const before = pool.formerState(position);
    if (before !== undefined && formerly.has(before) && (await isOurs(position, options))) {
      states.set(position, 'created');
    }
    onProgress(++done, total);
    return true;
  });
}

async function isOurs(position: number, options: ClaimOptions): Promise<boolean> {
  const { mayBeCut, origin, pool, store } = options;
  const { objects } = pool;
  const { dataset } = objects;
  const index = objects.plan.own.begin + position;
  const key = dataset.keyOf(index);
  try {
    const sizeBytes = await store.stat(key);
    const plannedBytes = dataset.sizeOf(index);
    if (sizeBytes === undefined || sizeBytes > plannedBytes) return false;
    if (sizeBytes < plannedBytes && !mayBeCut) return false;
    const lengthBytes = origin.bytesToTell(objects, sizeBytes);
    if (lengthBytes === 0) return false;
    return origin.isOurs(objects, index, await store.head(key, lengthBytes));
  } catch (error) {
    // What must not be read is not known to be ours, and the reason is none for not deleting the rest.
    if (BenchError.is(error)) return false;
    throw error;
  }
}
