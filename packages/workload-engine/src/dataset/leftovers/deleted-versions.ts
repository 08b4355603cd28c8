import { planListing } from '@sai3bench/datagen';
import { BenchError, summarizeError } from '@sai3bench/errors';
import { parseStoreUri } from '@sai3bench/store-uri';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { type ErrorGroup, ErrorJournal } from '../../stage/error-journal.ts';
import { putListings } from '../../stage/put-listings.ts';
import type { FirstRuns } from '../knowledge/first-runs.ts';
import type { Notify } from '../notify.ts';
import type { OnProgress } from '../on-progress.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';
import {
  isHopeless,
  NOT_DELETED,
  type SweepCounts,
  type SweepOptions,
  sweepVersions,
} from './version-sweep.ts';

/** Listings that go on side by side. */
const PARALLEL = 16;

/** How servers say that they know nothing of versions; what is no answer to the question says the same. */
const UNKNOWN = new Set(['S3_NotImplemented', 'S3_MethodNotAllowed', 'S3_ILLEGAL_ANSWER']);

/** Of what has names that nobody but a run or an agent uses: all versions are its own. */
const ALWAYS_OURS_MS = -Infinity;

/** A prefix, and what of the objects below it was deleted. */
interface Place {
  readonly store: number;
  readonly prefix: string;
  readonly isDeleted: (key: string) => boolean;
  readonly madeSinceMs: SweepOptions['madeSinceMs'];
}

/** What has become of the versions of some objects. */
interface Swept {
  /** By store. */
  readonly counts: Map<number, SweepCounts>;
  readonly failures: ErrorJournal;
  /** Stores whose versions cannot be listed, or none of which can be deleted. */
  readonly closed: Set<number>;
}

/** What the versions of a run's objects need to know of it. */
export interface DeletedVersionsOptions {
  readonly plan: AgentPlan;
  readonly pools: readonly KeptPool[];
  /** Names that the workload has put; see memory/run-memory.ts. */
  readonly putCounters: Float64Array;
  readonly firstRuns: FirstRuns;
  readonly storeOf: (store: number) => Promise<SideStore>;
  readonly notify: Notify;
  readonly signal: AbortSignal;
}

/**
 * The versions that buckets keep of objects which a cleanup stage has deleted: nothing is freed until they are deleted
 * themselves. Only those of the run's own objects are: what the states say was deleted, and what the workload has put;
 * and of those not what was there before the dataset was.
 */
export class DeletedVersions {
  readonly #options: DeletedVersionsOptions;
  /** Stores that keep versions, or have kept some. */
  readonly #keeping = new Set<number>();
  #areLeft = false;

  constructor(options: DeletedVersionsOptions) {
    this.#options = options;
  }

  /** Whether some are left that another attempt may delete. */
  get areLeft(): boolean {
    return this.#areLeft;
  }

  /** Asks which stores keep versions, and says so; those that do not tell count as if they kept none. */
  async ask(): Promise<void> {
    this.#keeping.clear();
    for (const [store, { endpoints }] of this.#options.plan.stores.entries()) {
      const onS3 = endpoints.every((endpoint) => parseStoreUri(endpoint).scheme === 's3');
      if (onS3 && (await this.#keepsVersions(store))) this.#keeping.add(store);
    }
  }

  async #keepsVersions(store: number): Promise<boolean> {
    const { notify, storeOf } = this.#options;
    const sideStore = await storeOf(store);
    const { address } = sideStore;
    try {
      const status = await sideStore.versioning();
      if (status === undefined) {
        notify(
          'warn',
          `⚠ Old versions of deleted objects are not looked for in ${address}: s3.transport sdk cannot do that`,
        );
      }
      if (status !== 'enabled' && status !== 'suspended') return false;
      const state = status === 'enabled' ? 'keeps versions' : 'has versions of before';
      notify('info', `${address} ${state}: those of deleted objects are deleted too`);
      return true;
    } catch (reason) {
      const error = BenchError.from(reason);
      const isKnown = UNKNOWN.has(error.code);
      const what = isKnown
        ? `${address} does not say whether it keeps versions, and is taken to keep none`
        : `⚠ Whether ${address} keeps versions is not known: if it does, those of deleted objects are left`;
      notify(isKnown ? 'info' : 'warn', `${what} (${summarizeError(error)})`);
      return false;
    }
  }

  /**
   * Deletes the versions of everything that was deleted. Never rejects.
   *
   * @returns failures, which count the objects of which something is left
   */
  async delete(onProgress: OnProgress): Promise<readonly ErrorGroup[]> {
    if (this.#keeping.size === 0) return [];
    const { signal } = this.#options;
    const { closed, counts, failures } = await this.#sweep(this.#places(), onProgress);
    const left = failures.groups();
    this.#areLeft = left.length > 0 || closed.size > 0 || signal.aborted;
    this.#tell(together(counts.values()));
    return left;
  }

  /** Says what was deleted, and what was left and why. */
  #tell({ markers, older, rewritten, unclear, versions }: SweepCounts): void {
    const { notify } = this.#options;
    if (versions + markers > 0) {
      notify(
        'info',
        `Deleted ${formatCount(versions)} old versions and ${formatCount(markers)} delete markers`,
      );
    }
    if (rewritten > 0) {
      notify(
        'warn',
        `⚠ ${formatCount(rewritten)} objects were written after they had been deleted: they and their versions are left`,
      );
    }
    if (older > 0) {
      notify(
        'info',
        `Left ${formatCount(older)} versions and delete markers that are older than the dataset: they are of others`,
      );
    }
    if (unclear > 0) {
      notify(
        'warn',
        `⚠ ${formatCount(unclear)} old versions are left, hidden: it is not known which of them are of this dataset. Delete them by hand, or let a lifecycle rule expire them`,
      );
    }
  }

  /** Deletes the versions of one object that was deleted, and is none of a dataset. Never rejects. */
  async deleteOf(store: number, key: string): Promise<void> {
    if (!this.#keeping.has(store)) return;
    const place = {
      ...{ store, prefix: key, madeSinceMs: ALWAYS_OURS_MS },
      isDeleted: (found: string) => found === key,
    };
    const { failures } = await this.#sweep([place].values(), () => undefined);
    for (const { message } of failures.groups()) this.#options.notify('warn', `⚠ ${message}`);
  }

  *#places(): Generator<Place, undefined> {
    const { firstRuns, plan, pools, putCounters } = this.#options;
    for (const { identity, objects, states } of pools) {
      const { dataset, plan: pool } = objects;
      if (!this.#keeping.has(pool.store) || states.countOf('deleted') === 0) continue;
      const madeSinceMs = firstRuns.begunAtMs(identity);
      const listing = planListing(pool.naming, pool.name, pool.own);
      const isDeleted = (key: string): boolean => {
        const index = dataset.indexOf(key);
        return index !== undefined && objects.isOwn(index) && objects.stateOf(index) === 'deleted';
      };
      for (let position = 0; position < listing.count; position++) {
        const prefix = pool.prefix + listing.prefixAt(position);
        yield { store: pool.store, prefix, madeSinceMs, isDeleted };
      }
    }
    for (const { isOwn, prefix, store } of putListings(plan, putCounters)) {
      if (!this.#keeping.has(store)) continue;
      yield { store, prefix, madeSinceMs: ALWAYS_OURS_MS, isDeleted: isOwn };
    }
    return undefined;
  }

  async #sweep(places: Iterator<Place, undefined>, onProgress: OnProgress): Promise<Swept> {
    const swept: Swept = { counts: new Map(), failures: new ErrorJournal(), closed: new Set() };
    const onPage = (): void => {
      const { markers, versions } = together(swept.counts.values());
      onProgress('deleting old versions', versions + markers, 0);
    };
    const work = async (): Promise<void> => {
      for (let next = places.next(); next.done !== true; next = places.next()) {
        if (this.#options.signal.aborted) return;
        if (!swept.closed.has(next.value.store)) await this.#sweepPlace(next.value, swept, onPage);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return swept;
  }

  async #sweepPlace(place: Place, swept: Swept, onPage: () => void): Promise<void> {
    const { isDeleted, madeSinceMs, prefix, store } = place;
    const { signal, storeOf } = this.#options;
    const sideStore = await storeOf(store);
    const { address } = sideStore;
    const counts = swept.counts.get(store) ?? nothingSwept();
    swept.counts.set(store, counts);
    try {
      await sideStore.withVersions(async (versions, belongs) => {
        // What a pass that is repeated has failed at, the next one finds again, or has made good.
        const failures = new ErrorJournal();
        await sweepVersions(prefix, {
          ...{ versions, counts, madeSinceMs, onPage, signal },
          onFailure: (key, error) => {
            failures.record(error, 'DELETE', address, key, Date.now());
          },
          isDeleted: (key) => belongs(key) && isDeleted(key),
        });
        for (const group of failures.groups()) swept.failures.add(group);
      });
      if (isHopeless(counts)) this.#warnRefused(store, address, swept);
    } catch (reason) {
      if (signal.aborted) return;
      const error = BenchError.from(reason);
      if (error.retryable)
        swept.failures.record(unswept(error), 'DELETE', address, prefix, Date.now());
      else this.#warnClosed(store, address, error, swept);
    }
  }

  /** Says once that a store deletes no version at all, so that no more are looked for. */
  #warnRefused(store: number, address: string, { closed, counts }: Swept): void {
    if (closed.has(store)) return;
    closed.add(store);
    const refused = formatCount(counts.get(store)?.refused ?? 0);
    this.#options.notify(
      'warn',
      `⚠ ${address} has refused to delete the first ${refused} old versions, all of them: the rest is left, and not looked for`,
    );
  }

  /** Says once that the versions of a store are left, and why. */
  #warnClosed(store: number, address: string, error: BenchError, { closed }: Swept): void {
    if (closed.has(store)) return;
    closed.add(store);
    const advice =
      error.class === 'permission'
        ? 'grant s3:ListBucketVersions and clean up again'
        : 'delete them by hand, or let a lifecycle rule expire them';
    this.#options.notify(
      'warn',
      `⚠ Old versions of deleted objects are left in ${address}, because they cannot be listed (${summarizeError(error)}): ${advice}`,
    );
  }
}

function nothingSwept(): SweepCounts {
  return { versions: 0, markers: 0, rewritten: 0, refused: 0, older: 0, unclear: 0 };
}

function together(all: Iterable<SweepCounts>): SweepCounts {
  const sum = nothingSwept();
  for (const { markers, older, refused, rewritten, unclear, versions } of all) {
    sum.versions += versions;
    sum.markers += markers;
    sum.rewritten += rewritten;
    sum.refused += refused;
    sum.older += older;
    sum.unclear += unclear;
  }
  return sum;
}

/** That versions below a prefix are left, because requests for them failed though they need not. */
function unswept(cause: BenchError): BenchError {
  return new BenchError('old versions are left', {
    code: NOT_DELETED,
    class: cause.class,
    hint: cause.hint,
    cause,
  });
}
