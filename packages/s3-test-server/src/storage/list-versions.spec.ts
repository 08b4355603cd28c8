import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bucket } from './bucket.ts';
import { listVersions, type VersionPage } from './list-versions.ts';
import { storedObject } from './stored-object.ts';

const OBJECT = storedObject({
  length: 0,
  body: [],
  etag: '"0"',
  modifiedMs: 0,
  checksum: undefined,
  metadata: '',
});

/** A bucket in which each key was put once for each time that it is named. */
function bucketOf(keys: readonly string[]): Bucket {
  const bucket = new Bucket('bucket', 'region', 0);
  bucket.setVersioning('Enabled');
  for (const key of keys) bucket.put(key, OBJECT);
  return bucket;
}

/** Key and id of all versions, page by page. */
function listAll(bucket: Bucket, maxKeys: number, onPage: (page: VersionPage) => void): string[] {
  const found: string[] = [];
  let after: VersionPage['next'];
  do {
    const page = listVersions(bucket, { prefix: 'a', after, maxKeys });
    expect(page.versions.length).toBeLessThanOrEqual(maxKeys);
    found.push(...page.versions.map(({ key, version }) => `${key} ${version.id}`));
    after = page.next;
    onPage(page);
  } while (after !== undefined);
  return found;
}

const KEYS = fc.array(fc.stringMatching(/^[ab]{1,2}$/), { maxLength: 30 });
const PAGE = fc.integer({ min: 1, max: 5 });

describe('listVersions()', () => {
  it('finds on pages of any length what is on one long page', () => {
    fc.assert(
      fc.property(KEYS, PAGE, (keys, maxKeys) => {
        const bucket = bucketOf(keys);
        const all = listAll(bucket, 1_000, () => undefined);
        expect(all).toHaveLength(keys.filter((key) => key.startsWith('a')).length);
        expect(listAll(bucket, maxKeys, () => undefined)).toEqual(all);
      }),
    );
  });

  it('finds everything though each page is deleted before the next is asked for', () => {
    fc.assert(
      fc.property(KEYS, PAGE, (keys, maxKeys) => {
        const bucket = bucketOf(keys);
        const all = listAll(bucket, 1_000, () => undefined);
        const found = listAll(bucket, maxKeys, ({ versions }) => {
          for (const { key, version } of versions) bucket.deleteVersion(key, version.id);
        });
        expect(found).toEqual(all);
        expect(listAll(bucket, 1_000, () => undefined)).toEqual([]);
      }),
    );
  });
});
