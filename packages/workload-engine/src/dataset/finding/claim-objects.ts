import { BenchError } from '@sai3bench/errors';
import type { ObjectState } from '@sai3bench/metadata-cache';
import { inParallel } from '../in-parallel.ts';
import type { ContentOrigin } from '../pools/content-origin.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import { type ObjectOrigin, originOf } from '../pools/object-origin.ts';
import type { SideStore } from '../side-store/side-store.ts';

/** What claiming objects needs. */
export interface ClaimOptions {
  readonly pool: KeptPool;
  readonly store: SideStore;
  readonly origin: ContentOrigin;
  /** What was known of the objects in question before they were looked for. */
  readonly formerly: ReadonlySet<ObjectState>;
  /** What becomes of an object of ours that is shorter than it should be: its writing was interrupted. */
  readonly cutBecomes: 'created' | 'planned' | 'found';
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Told how many objects have been looked into. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Looks into objects that were found though it is not sure that they are ours: those with the content that this dataset
 * gives them become `created`. What cannot be read, or tells nothing, stays `found`: it may be somebody else's.
 *
 * @returns how many are ours and shorter than they should be
 */
export async function claimObjects(options: ClaimOptions): Promise<number> {
  const { concurrency, cutBecomes, formerly, onProgress, pool, signal } = options;
  const { states } = pool;
  const total = states.countOf('found');
  let done = 0;
  let cut = 0;
  let next = states.nextIn('found', 0);
  await inParallel(concurrency, signal, async () => {
    const position = next;
    if (position >= states.count) return false;
    next = states.nextIn('found', position + 1);
    const before = pool.formerState(position);
    if (before !== undefined && formerly.has(before)) {
      const wasOurs = before === 'created' || before === 'creating';
      const whose = await whoseIs(position, wasOurs, options);
      if (whose === 'ours') states.set(position, 'created');
      if (whose === 'cut') {
        cut++;
        states.set(position, cutBecomes);
      }
    }
    onProgress(++done, total);
    return true;
  });
  return cut;
}

async function whoseIs(
  position: number,
  wasOurs: boolean,
  { origin, pool, store }: ClaimOptions,
): Promise<ObjectOrigin | undefined> {
  const { objects } = pool;
  const index = objects.plan.own.begin + position;
  try {
    const sizeBytes = await store.stat(objects.dataset.keyOf(index));
    if (sizeBytes === undefined) return undefined;
    return await originOf(objects, { index, sizeBytes, wasOurs }, { origin, store });
  } catch (error) {
    // What must not be read is not known to be ours, and the reason is none for not deleting the rest.
    if (BenchError.is(error)) return undefined;
    throw error;
  }
}
