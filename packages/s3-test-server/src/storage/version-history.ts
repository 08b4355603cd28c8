import { SortedKeys } from './sorted-keys.ts';
import type { StoredObject } from './stored-object.ts';

/** The version id of what was written while a bucket kept no versions (S3 user guide, "Suspending versioning"). */
export const NULL_VERSION = 'null';

/** One version of an object, or a mark that says that it was deleted. */
export interface Version {
  readonly id: string;
  readonly modifiedMs: number;
  /** Undefined for a delete marker. */
  readonly object: StoredObject | undefined;
}

/** All versions of the objects of a bucket. */
export class VersionHistory {
  /** Newest first; no list is empty. */
  readonly #byKey = new Map<string, Version[]>();
  readonly #keys = new SortedKeys();

  get size(): number {
    return this.#byKey.size;
  }

  /** Newest first. */
  of(key: string): readonly Version[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Makes a version the newest of its key. There is one at most without an id of its own. */
  add(key: string, version: Version): void {
    const before = this.#byKey.get(key);
    if (before === undefined) this.#keys.add(key);
    const others = before ?? [];
    const kept =
      version.id === NULL_VERSION ? others.filter(({ id }) => id !== NULL_VERSION) : others;
    this.#byKey.set(key, [version, ...kept]);
  }

  /** Removes a version for good; undefined when it is not there. */
  remove(key: string, id: string): Version | undefined {
    const versions = this.#byKey.get(key);
    const at = versions?.findIndex((each) => each.id === id) ?? -1;
    if (versions === undefined || at < 0) return undefined;
    const [removed] = versions.splice(at, 1);
    if (versions.length === 0) {
      this.#byKey.delete(key);
      this.#keys.remove(key);
    }
    return removed;
  }

  /** The keys from the first that is not before, in order; see {@link SortedKeys.from}. */
  from(isBefore: (key: string) => boolean): Generator<string, void, undefined> {
    return this.#keys.from(isBefore);
  }
}
