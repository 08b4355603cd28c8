import type { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';

/** What looking for objects needs. */
export interface FindOptions {
  readonly pool: KeptPool;
  readonly store: Pick<SideStore, 'list' | 'readDirectory' | 'stat'>;
  /** By listings, which find a thousand objects with one request where the store is one of objects, or by directories. */
  readonly by: 'listings' | 'directories';
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Told how many listings, directories' objects, or single objects have been looked at. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}
