import type { BenchError } from '@sai3bench/errors';

/** Whether a bucket keeps versions: it never did, it does, or it has stopped and still has those of before. */
export type Versioning = 'never' | 'enabled' | 'suspended';

/** One version of an object. */
export interface VersionName {
  /** Relative to the store's address. */
  readonly key: string;
  readonly versionId: string;
}

/** A version that a listing found. */
export interface ListedVersion extends VersionName {
  /** Whether it only says that the object was deleted. */
  readonly isMarker: boolean;
  /** Whether it is what a reader who names no version gets. */
  readonly isLatest: boolean;
  /** When it was written, in ms since 1970 on the server's clock; 0 where the server does not say. */
  readonly modifiedAtMs: number;
}

/** A version that was not deleted, and why. */
export interface VersionFailure extends VersionName {
  readonly error: BenchError;
}

/** The versions of the objects of a store. All methods reject with a `BenchError`. */
export interface ObjectVersions {
  /** Whether the store keeps versions. */
  status(): Promise<Versioning>;

  /**
   * Lists versions and delete markers below a prefix, by key, the newest of a key first; those of one key may be on
   * several pages.
   *
   * @param onPage called with each page, in order; the next is asked for when it has resolved
   */
  list(prefix: string, onPage: (page: readonly ListedVersion[]) => Promise<void>): Promise<void>;

  /**
   * Deletes versions and delete markers for good.
   *
   * @returns those that are left; one that is not there counts as deleted
   */
  delete(versions: readonly VersionName[]): Promise<readonly VersionFailure[]>;
}
