import type { Bucket } from './bucket.ts';
import { compareKeys } from './compare-keys.ts';

/** Which part of a bucket is listed. */
export interface ListRequest {
  readonly prefix: string;
  /** Keys that have it after the prefix are rolled up; empty: none are. */
  readonly delimiter: string;
  /** Where to begin; undefined: at the beginning. */
  readonly after: ListPosition | undefined;
  readonly maxKeys: number;
}

/** After a key, or after all keys with a prefix. */
export type ListPosition = { readonly key: string } | { readonly prefix: string };

export interface ListPage {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page begins; undefined: this is the last. */
  readonly next: ListPosition | undefined;
}

/** One page of a listing (S3 API reference, "ListObjectsV2"): keys and common prefixes, up to `maxKeys` together. */
export function listObjects(bucket: Bucket, request: ListRequest): ListPage {
  const { delimiter, maxKeys, prefix } = request;
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last: ListPosition | undefined;
  let remaining = keysFrom(bucket, prefix, request.after);
  for (;;) {
    const { value: key, done } = remaining.next();
    if (done === true || !key.startsWith(prefix)) return { keys, commonPrefixes, next: undefined };
    if (keys.length + commonPrefixes.length >= maxKeys) {
      return { keys, commonPrefixes, next: last };
    }
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) {
      keys.push(key);
      last = { key };
    } else {
      const common = key.slice(0, cut + delimiter.length);
      commonPrefixes.push(common);
      last = { prefix: common };
      remaining = keysFrom(bucket, prefix, last);
    }
  }
}

/** The keys behind `after` of which the first is not less than `prefix`. */
function keysFrom(
  bucket: Bucket,
  prefix: string,
  after: ListPosition | undefined,
): Generator<string, void, undefined> {
  return bucket.keysFrom((key) => {
    if (compareKeys(key, prefix) < 0) return true;
    if (after === undefined) return false;
    if ('key' in after) return compareKeys(key, after.key) <= 0;
    return compareKeys(key, after.prefix) < 0 || key.startsWith(after.prefix);
  });
}
