import type { PoolObjects } from '../../stage/pool-objects.ts';
import type { SideStore } from '../side-store/side-store.ts';
import type { ContentOrigin } from './content-origin.ts';

/** Whose an object is: ours, ours but shorter than it should be, or not known to be ours. */
export type ObjectOrigin = 'ours' | 'cut' | 'foreign';

/** An object that is there. */
export interface PresentObject {
  /** Its number in the dataset. */
  readonly index: number;
  /** The length that it has. */
  readonly sizeBytes: number;
  /** Whether it is known that there was one of ours: then one that may be ours is. */
  readonly wasOurs: boolean;
}

/**
 * Compares the beginning of an object with what this dataset writes there.
 *
 * @throws BenchError when it cannot be read
 */
export async function originOf(
  objects: PoolObjects,
  { index, sizeBytes, wasOurs }: PresentObject,
  { origin, store }: { readonly origin: ContentOrigin; readonly store: Pick<SideStore, 'head'> },
): Promise<ObjectOrigin> {
  const { dataset } = objects;
  const plannedBytes = dataset.sizeOf(index);
  if (sizeBytes > plannedBytes) return 'foreign';
  if (!wasOurs && !origin.tells(objects, sizeBytes)) return 'foreign';
  const lengthBytes = origin.bytesToCompare(sizeBytes);
  if (lengthBytes > 0) {
    const head = await store.head(dataset.keyOf(index), lengthBytes);
    if (head.length < lengthBytes || !origin.matches(objects, index, head)) return 'foreign';
  }
  return sizeBytes < plannedBytes ? 'cut' : 'ours';
}
