import { Refusal } from '../refusal/refusal.ts';
import type { Bucket } from '../storage/bucket.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { type S3Request, versionHeader } from './operation.ts';

/** An object that a request asks for. */
export interface FoundObject {
  readonly object: StoredObject;
  /** Undefined where the bucket keeps no versions. */
  readonly versionId: string | undefined;
}

/**
 * The newest version of an object, or the one that a request names.
 *
 * @throws Refusal NoSuchKey, NoSuchVersion; MethodNotAllowed when a delete marker is named
 */
export function findObject(bucket: Bucket, { key, query }: S3Request): FoundObject {
  const wanted = query.get('versionId');
  if (wanted === undefined) {
    const object = bucket.get(key);
    if (bucket.versioning === undefined && object !== undefined)
      return { object, versionId: undefined };
    const [newest] = bucket.versionsOf(key);
    const details = { Key: key };
    if (newest === undefined) throw new Refusal('NoSuchKey', { details });
    if (object === undefined)
      throw new Refusal('NoSuchKey', { details, headers: markerHeaders(newest.id) });
    return { object, versionId: newest.id };
  }
  const version = bucket.versionsOf(key).find(({ id }) => id === wanted);
  if (version === undefined) {
    throw new Refusal('NoSuchVersion', { details: { Key: key, VersionId: wanted } });
  }
  if (version.object === undefined) {
    throw new Refusal('MethodNotAllowed', { headers: markerHeaders(version.id) });
  }
  return { object: version.object, versionId: version.id };
}

function markerHeaders(id: string): string {
  return `${versionHeader(id)}x-amz-delete-marker: true\r\n`;
}
