import type { Bucket } from './bucket.ts';
import { compareKeys } from './compare-keys.ts';
import { NULL_VERSION, type Version } from './version-history.ts';

/** Which versions are listed. */
export interface VersionListRequest {
  readonly prefix: string;
  /** Behind all versions of a key, or behind one of them. */
  readonly after: VersionPosition | undefined;
  readonly maxKeys: number;
}

export interface VersionPosition {
  readonly key: string;
  readonly versionId: string | undefined;
}

export interface ListedVersion {
  readonly key: string;
  readonly version: Version;
  readonly isLatest: boolean;
}

export interface VersionPage {
  readonly versions: readonly ListedVersion[];
  /** Where the next page begins; undefined: this is the last. */
  readonly next: VersionPosition | undefined;
}

/** One page of versions and delete markers, by key, the newest of a key first (S3 API reference, "ListObjectVersions"). */
export function listVersions(
  bucket: Bucket,
  { after, maxKeys, prefix }: VersionListRequest,
): VersionPage {
  const versions: ListedVersion[] = [];
  const keys = bucket.versionedKeysFrom(
    (key) =>
      compareKeys(key, prefix) < 0 ||
      (after !== undefined &&
        compareKeys(key, after.key) < (after.versionId === undefined ? 1 : 0)),
  );
  for (const key of keys) {
    if (!key.startsWith(prefix)) break;
    const all = bucket.versionsOf(key);
    const rest = key === after?.key ? behind(all, after.versionId ?? '') : all;
    for (const version of rest) {
      const last = versions.at(-1);
      if (versions.length >= maxKeys) {
        const next = last && { key: last.key, versionId: last.version.id };
        return { versions, next };
      }
      versions.push({ key, version, isLatest: version === all[0] });
    }
  }
  return { versions, next: undefined };
}

/** What is older than a version, which may be gone. */
function behind(versions: readonly Version[], id: string): readonly Version[] {
  const at = versions.findIndex((version) => version.id === id);
  if (at >= 0) return versions.slice(at + 1);
  // Ids grow as text; of a version that had none of its own it is not known where it was.
  return versions.filter((version) => id === NULL_VERSION || version.id < id);
}
