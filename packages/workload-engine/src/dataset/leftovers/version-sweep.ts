import { BenchError } from '@sai3bench/errors';
import {
  type ListedVersion,
  MAX_DELETE_KEYS,
  type ObjectVersions,
  type VersionFailure,
  type VersionName,
} from '@sai3bench/object-store';
import { retryPauseMs } from '../../stage/pause.ts';

/** So many versions that were refused, before any was deleted, show that none may be. */
const HOPELESS = MAX_DELETE_KEYS;
/**
 * So much older than a dataset a version has to be to count as one of before. The dataset's time is of the clock of the
 * host that made it, a version's of the server's; S3 refuses requests of hosts whose clock is further from its own.
 */
const MAX_CLOCK_DIFFERENCE_MS = 15 * 60_000;
/** Attempts at versions whose error may pass. */
const ATTEMPTS = 4;

/** Code of the error that says that versions of an object are left. */
export const NOT_DELETED = 'VERSIONS_NOT_DELETED';

/** What a sweep has done. */
export interface SweepCounts {
  /** Versions of objects that are gone for good. */
  versions: number;
  /** Delete markers that are. */
  markers: number;
  /** Objects that were left because they have been written after their deletion. */
  rewritten: number;
  /** Versions and markers that the store has refused to delete. */
  refused: number;
  /** Versions and markers that were left because they were there before anything of the dataset was. */
  older: number;
  /** Versions that were left because nobody knows which of them the dataset has made. */
  unclear: number;
}

/** Where a sweep works, and what it may touch. */
export interface SweepOptions {
  readonly versions: ObjectVersions;
  /** Whether an object is one that was deleted, and is to be gone with all that it ever was. */
  readonly isDeleted: (key: string) => boolean;
  /** When the first of the objects was made at the earliest, in ms since 1970; undefined where nobody knows. */
  readonly madeSinceMs: number | undefined;
  /** Of the whole store. */
  readonly counts: SweepCounts;
  /** Told of each object of which something is left. */
  readonly onFailure: (key: string, error: BenchError) => void;
  /** Called with each page: the sweep goes on. */
  readonly onPage?: () => void;
  readonly signal: AbortSignal;
}

/** What is to be deleted of one object. */
interface Remains {
  readonly key: string;
  readonly objects: readonly VersionName[];
  readonly markers: readonly VersionName[];
}

/**
 * Removes what a bucket that keeps versions has left of deleted objects: old versions first, and then the markers that
 * hide them, so that no old version comes to light whatever happens in between. An object whose newest version is no
 * marker was written by somebody after its deletion, and is left as it is. Ends early where the store deletes nothing at
 * all; see {@link isHopeless}.
 *
 * What was there before the dataset is somebody else's, and is left: it becomes again what it was then, visible or
 * hidden. Where it is not known since when there is a dataset, an object's only version is that which was deleted; of
 * several any may be somebody else's, so they stay, hidden.
 *
 * @throws BenchError when versions cannot be listed, or requests to delete some fail though they need not
 */
export async function sweepVersions(prefix: string, options: SweepOptions): Promise<void> {
  const { counts } = options;
  const sweep = new VersionSweep(options);
  try {
    await sweep.sweep(prefix);
  } catch (error) {
    if (!isHopeless(counts)) throw error;
  }
}

/** Whether so much was refused, and nothing deleted, that nothing will be. */
export function isHopeless({ markers, refused, versions }: SweepCounts): boolean {
  return refused >= HOPELESS && versions + markers === 0;
}

class VersionSweep {
  readonly #options: SweepOptions;
  /** Versions of the object that is being listed: more of it may come with the next page. */
  #current: ListedVersion[] = [];
  /** Objects that were listed completely. */
  #complete: Remains[] = [];
  #size = 0;
  #rewritten = 0;
  #older = 0;
  #unclear = 0;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  async sweep(prefix: string): Promise<void> {
    const { counts, onPage, signal, versions } = this.#options;
    await versions.list(prefix, async (page) => {
      signal.throwIfAborted();
      if (isHopeless(counts)) throw nothingDeleted();
      onPage?.();
      for (const version of page) this.#take(version);
      if (this.#size >= MAX_DELETE_KEYS) await this.#flush();
    });
    this.#finish();
    await this.#flush();
    counts.rewritten += this.#rewritten;
    counts.older += this.#older;
    counts.unclear += this.#unclear;
  }

  #take(version: ListedVersion): void {
    if (this.#current[0]?.key !== version.key) this.#finish();
    this.#current.push(version);
  }

  /** Nothing more will come of the present object. */
  #finish(): void {
    const versions = this.#current;
    this.#current = [];
    const [first] = versions;
    if (first === undefined || !this.#options.isDeleted(first.key)) return;
    const latest = versions.find(({ isLatest }) => isLatest);
    if (latest === undefined || !(latest.isMarker || this.#isOlder(latest))) {
      this.#rewritten++;
      return;
    }
    const own = versions.filter((version) => !this.#isOlder(version));
    const objects = own.filter(({ isMarker }) => !isMarker);
    if (this.#options.madeSinceMs === undefined && objects.length > 1) {
      this.#unclear += objects.length;
      return;
    }
    this.#older += versions.length - own.length;
    if (own.length === 0) return;
    this.#complete.push({
      ...{ key: first.key, objects },
      markers: own.filter(({ isMarker }) => isMarker),
    });
    this.#size += own.length;
  }

  /** Whether a version was there before anything of the dataset was. */
  #isOlder({ modifiedAtMs }: ListedVersion): boolean {
    const { madeSinceMs = -Infinity } = this.#options;
    return modifiedAtMs < madeSinceMs - MAX_CLOCK_DIFFERENCE_MS;
  }

  async #flush(): Promise<void> {
    const complete = this.#complete;
    this.#complete = [];
    this.#size = 0;
    const { counts } = this.#options;
    const objects = complete.flatMap((remains) => remains.objects);
    const left = await this.#delete(objects);
    counts.versions += objects.length - left.length;
    const visible = new Set(left.map(({ key }) => key));
    const markers = complete.flatMap((remains) =>
      visible.has(remains.key) ? [] : remains.markers,
    );
    const markersLeft = await this.#delete(markers);
    counts.markers += markers.length - markersLeft.length;
    this.#report([...left, ...markersLeft]);
  }

  /** Deletes versions; returns those that are left after some attempts. */
  async #delete(versions: readonly VersionName[]): Promise<readonly VersionFailure[]> {
    const { counts, signal } = this.#options;
    const left: VersionFailure[] = [];
    let rest = versions;
    for (let attempt = 1; rest.length > 0; attempt++) {
      signal.throwIfAborted();
      const failures = await this.#deleteOnce(rest);
      const again = attempt < ATTEMPTS ? failures.filter(({ error }) => error.retryable) : [];
      left.push(...failures.filter((failure) => !again.includes(failure)));
      rest = again;
      if (rest.length > 0)
        await new Promise((resolve) => setTimeout(resolve, retryPauseMs(attempt, Math.random())));
    }
    counts.refused += left.length;
    return left;
  }

  /** Asks once for versions to be deleted; what is refused as a whole is refused for each. */
  async #deleteOnce(versions: readonly VersionName[]): Promise<readonly VersionFailure[]> {
    try {
      return await this.#options.versions.delete(versions);
    } catch (reason) {
      const error = BenchError.from(reason);
      if (error.retryable || error.class === 'cancelled') throw error;
      return versions.map((version) => ({ ...version, error }));
    }
  }

  /** Tells of each object once, whatever is left of it. */
  #report(left: readonly VersionFailure[]): void {
    const told = new Set<string>();
    for (const { error, key, versionId } of left) {
      if (told.has(key)) continue;
      told.add(key);
      this.#options.onFailure(key, leftError(error, key, versionId));
    }
  }
}

/** Ends a listing that leads to nothing. */
function nothingDeleted(): BenchError {
  return new BenchError('no version may be deleted', { code: NOT_DELETED, class: 'permission' });
}

function leftError(cause: BenchError, key: string, versionId: string): BenchError {
  return new BenchError(`version ${versionId} of ${key} is left`, {
    code: NOT_DELETED,
    class: cause.class,
    key,
    cause,
    hint:
      cause.class === 'permission'
        ? 'grant s3:DeleteObjectVersion, and look for a retention or a legal hold'
        : cause.hint,
  });
}
