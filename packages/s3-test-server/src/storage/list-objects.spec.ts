import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bucket } from './bucket.ts';
import { compareKeys } from './compare-keys.ts';
import { listObjects, type ListPage, type ListPosition } from './list-objects.ts';
import { storedObject } from './stored-object.ts';

const OBJECT = storedObject({
  length: 0,
  body: [],
  etag: '""',
  modifiedMs: 0,
  checksum: undefined,
  metadata: '',
});

function bucketOf(keys: Iterable<string>): Bucket {
  const bucket = new Bucket('bucket', 'us-east-1', 0);
  for (const key of keys) bucket.put(key, OBJECT);
  return bucket;
}

/** What a listing holds, worked out from the definition. */
function expected(
  keys: readonly string[],
  prefix: string,
  delimiter: string,
  after: string,
): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0)
    .map((key) => {
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return cut < 0 ? key : key.slice(0, cut + delimiter.length);
    });
  return [...new Set(entries)].sort();
}

const key = fc.stringMatching(/^[ab/]{1,6}$/);

describe('listObjects()', () => {
  it('gives each key and common prefix once, whatever the length of a page', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 40 }),
        fc.stringMatching(/^[ab/]{0,2}$/),
        fc.constantFrom('', '/', 'b/'),
        fc.option(key),
        fc.integer({ min: 1, max: 7 }),
        (keys, prefix, delimiter, startAfter, maxKeys) => {
          const bucket = bucketOf(keys);
          const entries: string[] = [];
          let after: ListPosition | undefined =
            startAfter === null ? undefined : { key: startAfter };
          let page: ListPage;
          do {
            page = listObjects(bucket, { prefix, delimiter, after, maxKeys });
            const found = [...page.keys, ...page.commonPrefixes].sort();
            expect(found.length).toBeLessThanOrEqual(maxKeys);
            if (page.next !== undefined) expect(found).toHaveLength(maxKeys);
            entries.push(...found);
            after = page.next;
          } while (page.next !== undefined);
          expect(entries).toEqual(expected(keys, prefix, delimiter, startAfter ?? ''));
        },
      ),
    );
  });

  it('goes on after a key that was deleted between two pages', () => {
    const bucket = bucketOf(['a', 'b', 'c']);
    const { next } = listObjects(bucket, {
      prefix: '',
      delimiter: '',
      after: undefined,
      maxKeys: 2,
    });
    bucket.delete('b', 0);
    const rest = listObjects(bucket, { prefix: '', delimiter: '', after: next, maxKeys: 2 });
    expect(rest.keys).toEqual(['c']);
  });

  it('is empty and complete when no keys are wanted', () => {
    const page = listObjects(bucketOf(['a']), {
      prefix: '',
      delimiter: '',
      after: undefined,
      maxKeys: 0,
    });
    expect(page).toEqual({ keys: [], commonPrefixes: [], next: undefined });
  });
});
