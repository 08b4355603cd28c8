import type { MultipartUpload } from './multipart-upload.ts';
import { SortedKeys } from './sorted-keys.ts';
import type { StoredObject } from './stored-object.ts';
import { NULL_VERSION, type Version, VersionHistory } from './version-history.ts';

/** Whether a bucket keeps versions, once it has been told to or not to. */
export type VersioningStatus = 'Enabled' | 'Suspended';

/** What a deletion has done. */
export interface Deletion {
  /** The version that was removed, or the marker that was made; undefined where no versions are kept. */
  readonly versionId: string | undefined;
  /** Whether that is a delete marker. */
  readonly isMarker: boolean;
}

/** A bucket in memory. */
export class Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdMs: number;
  /** By upload id, in the order of their creation. */
  readonly uploads = new Map<string, MultipartUpload>();
  /** What a read without a version finds. */
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new SortedKeys();
  #versioning: VersioningStatus | undefined;
  /** Undefined as long as versions were never asked for. */
  #history: VersionHistory | undefined;
  #versions = 0;

  constructor(name: string, region: string, createdMs: number) {
    this.name = name;
    this.region = region;
    this.createdMs = createdMs;
  }

  get isEmpty(): boolean {
    return (this.#history ?? this.#objects).size === 0;
  }

  get versioning(): VersioningStatus | undefined {
    return this.#versioning;
  }

  /** From now on versions are kept, or no more; there is no way back to a bucket that never kept any. */
  setVersioning(status: VersioningStatus): void {
    this.#versioning = status;
    if (this.#history !== undefined) return;
    this.#history = new VersionHistory();
    for (const [key, object] of this.#objects) this.#history.add(key, nullVersion(object));
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** The versions of an object, newest first. */
  versionsOf(key: string): readonly Version[] {
    if (this.#history !== undefined) return this.#history.of(key);
    const object = this.#objects.get(key);
    return object === undefined ? [] : [nullVersion(object)];
  }

  /** Returns the id of the version that it has become; undefined where no versions are kept. */
  put(key: string, object: StoredObject): string | undefined {
    this.#setCurrent(key, object);
    return this.#addVersion(key, object, object.modifiedMs);
  }

  /** Deletes an object; where versions are kept, it is only marked as deleted. */
  delete(key: string, nowMs: number): Deletion {
    this.#setCurrent(key, undefined);
    const versionId = this.#addVersion(key, undefined, nowMs);
    return { versionId, isMarker: versionId !== undefined };
  }

  /** Removes one version for good. */
  deleteVersion(key: string, versionId: string): Deletion {
    if (this.#history === undefined) {
      if (versionId === NULL_VERSION) this.#setCurrent(key, undefined);
      return { versionId, isMarker: false };
    }
    const removed = this.#history.remove(key, versionId);
    this.#setCurrent(key, this.#history.of(key)[0]?.object);
    return { versionId, isMarker: removed !== undefined && removed.object === undefined };
  }

  /** The keys of objects from the first that is not before, in order; see {@link SortedKeys.from}. */
  keysFrom(isBefore: (key: string) => boolean): Generator<string, void, undefined> {
    return this.#keys.from(isBefore);
  }

  /** As {@link keysFrom}, also of objects of which only old versions are left. */
  versionedKeysFrom(isBefore: (key: string) => boolean): Generator<string, void, undefined> {
    return (this.#history ?? this.#keys).from(isBefore);
  }

  #setCurrent(key: string, object: StoredObject | undefined): void {
    if (object === undefined) {
      if (this.#objects.delete(key)) this.#keys.remove(key);
      return;
    }
    if (!this.#objects.has(key)) this.#keys.add(key);
    this.#objects.set(key, object);
  }

  #addVersion(
    key: string,
    object: StoredObject | undefined,
    modifiedMs: number,
  ): string | undefined {
    if (this.#history === undefined) return undefined;
    // In the order of their creation also as text.
    const ownId = `v${String(++this.#versions).padStart(9, '0')}`;
    const id = this.#versioning === 'Enabled' ? ownId : NULL_VERSION;
    this.#history.add(key, { id, modifiedMs, object });
    return id;
  }
}

function nullVersion(object: StoredObject): Version {
  return { id: NULL_VERSION, modifiedMs: object.modifiedMs, object };
}
