import type { StoreUri } from './store-uri.ts';

/** What has become of the data of a PUT when it ends well; names are part of the format of results. */
export type Durability = 'page_cache' | 'fsync' | 'o_direct' | 'o_direct_fsync' | 'server' | 'none';

/**
 * How durable a PUT to a store is.
 *
 * @param fsync whether files are flushed before a PUT ends
 */
export function durabilityOf({ scheme }: StoreUri, fsync: boolean): Durability {
  switch (scheme) {
    case 's3':
      return 'server';
    case 'file':
      return fsync ? 'fsync' : 'page_cache';
    case 'direct':
      return fsync ? 'o_direct_fsync' : 'o_direct';
    case 'null':
      return 'none';
  }
}
