import { BenchError, summarizeError } from '@sai3bench/errors';
import type { ObjectState } from '@sai3bench/metadata-cache';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../../endpoint-uris.ts';
import { goInParts } from '../../memory/buffer-needs.ts';
import { type ErrorGroup, ErrorJournal } from '../../stage/error-journal.ts';
import { retryPauseMs } from '../../stage/pause.ts';
import { putPlaces } from '../../stage/put-listings.ts';
import type { Notify } from '../notify.ts';
import type { OnProgress } from '../on-progress.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { uploadLeft } from './upload-left.ts';

/** Attempts at uploads whose error may pass. */
const ATTEMPTS = 4;

/** States of objects that this dataset has begun to write. */
const BEGUN: ReadonlySet<ObjectState> = new Set(['creating', 'created', 'failed', 'deleted']);

/** Where uploads may be, and whose. */
interface Place {
  readonly store: number;
  readonly prefix: string;
  readonly isOwn: (key: string) => boolean;
  /** Whether this workload writes objects there in parts; another version of the file may have done so. */
  readonly inParts: boolean;
}

/** What the unfinished uploads of a run's objects need to know of it. */
export interface UnfinishedUploadsOptions {
  readonly plan: AgentPlan;
  readonly pools: readonly KeptPool[];
  /** Names that the workload has put; see memory/run-memory.ts. */
  readonly putCounters: Float64Array;
  /** Identities of the pools of which an earlier run's prepare was interrupted. */
  readonly interrupted: ReadonlySet<string>;
  readonly storeOf: (store: number) => Promise<SideStore>;
  readonly notify: Notify;
  readonly signal: AbortSignal;
}

/**
 * Uploads in parts that were begun and never ended, because whoever sent them was killed: their parts take space that no
 * listing of objects shows. Only those of the run's own objects are aborted: which these are, the states tell, and the
 * names that the workload has put.
 */
export class UnfinishedUploads {
  readonly #options: UnfinishedUploadsOptions;
  #lookedAfterInterruption = false;
  #aborted = 0;
  #areLeft = false;

  constructor(options: UnfinishedUploadsOptions) {
    this.#options = options;
  }

  /** Whether some may be left that another attempt may abort. */
  get areLeft(): boolean {
    return this.#areLeft;
  }

  /** Aborts what an interrupted prepare has left, before it is gone on with. Never rejects: what is left is said. */
  async abortInterrupted(onProgress: OnProgress): Promise<void> {
    if (this.#options.interrupted.size === 0 || this.#lookedAfterInterruption) return;
    this.#lookedAfterInterruption = true;
    const groups = await this.abort(onProgress);
    const [first] = groups;
    if (first === undefined) return;
    const count = formatCount(groups.reduce((sum, group) => sum + group.count, 0));
    this.#options.notify('warn', `⚠ ${count} unfinished uploads are left: ${first.message}`);
  }

  /**
   * Aborts all that there are. Never rejects.
   *
   * @returns failures, which count the uploads that are left
   */
  async abort(onProgress: OnProgress): Promise<readonly ErrorGroup[]> {
    this.#aborted = 0;
    this.#areLeft = false;
    const failures = await Promise.all(
      this.#places().map((place) => this.#abortIn(place, onProgress)),
    );
    if (this.#aborted > 0) {
      this.#options.notify(
        'info',
        `Aborted ${formatCount(this.#aborted)} unfinished uploads of this workload`,
      );
    }
    return failures.flat();
  }

  #places(): Place[] {
    const { interrupted, plan, pools, putCounters } = this.#options;
    const prepared = pools.flatMap(({ identity, objects, states }) => {
      const { naming, name, prefix, store } = objects.plan;
      const isInterrupted = interrupted.has(identity);
      const begun = [...BEGUN].some((state) => states.countOf(state) > 0);
      if (!begun && !isInterrupted) return [];
      const isOwn = (key: string): boolean => {
        const index = objects.dataset.indexOf(key);
        if (index === undefined || !objects.isOwn(index)) return false;
        const state = objects.stateOf(index);
        // What is written down may be a second older than the interruption.
        return BEGUN.has(state) || (isInterrupted && state === 'planned');
      };
      const isPlain = naming.type === 'flat' && naming.shards === 0;
      const inParts = goInParts(plan, objects.plan);
      return [{ store, prefix: isPlain ? `${prefix}${name}-` : prefix, isOwn, inParts }];
    });
    const put = putPlaces(plan, putCounters).map((place) => ({
      ...place,
      inParts: plan.operations.some((each) => each.op === 'put' && goInParts(plan, each)),
    }));
    return [...prepared, ...put].filter(({ store }) =>
      endpointUris(plan, store).every(({ scheme }) => scheme === 's3'),
    );
  }

  async #abortIn(place: Place, onProgress: OnProgress): Promise<ErrorGroup[]> {
    const { notify, signal, storeOf } = this.#options;
    const sideStore = await storeOf(place.store);
    const { address } = sideStore;
    try {
      const left = await this.#attempt(sideStore, place, onProgress);
      if (left.length > 0) this.#areLeft = true;
      return left;
    } catch (reason) {
      // Who writes nothing in parts need not be allowed to look for any, nor have a server that can.
      if (!place.inParts || signal.aborted) return [];
      this.#areLeft = true;
      const error = BenchError.from(reason);
      const advice =
        error.class === 'permission'
          ? 'grant s3:ListBucketMultipartUploads and clean up again'
          : 'abort them by hand, or let a lifecycle rule do it';
      notify(
        'warn',
        `⚠ Unfinished uploads may be left in ${address}, because they cannot be listed (${summarizeError(error)}): ${advice}`,
      );
      return [];
    }
  }

  /** Returns why uploads are left after some attempts. */
  async #attempt(
    sideStore: SideStore,
    { isOwn, prefix }: Place,
    onProgress: OnProgress,
  ): Promise<ErrorGroup[]> {
    const { signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const left = new ErrorJournal();
      let passing = 0;
      await sideStore.abortUploads(prefix, isOwn, (upload, error) => {
        if (error === undefined) {
          this.#aborted++;
          onProgress('aborting unfinished uploads', this.#aborted, 0);
        } else {
          if (error.retryable) passing++;
          const { address } = sideStore;
          left.record(uploadLeft(upload, error), 'DELETE', address, upload.key, Date.now());
        }
      });
      if (passing === 0 || attempt === ATTEMPTS || signal.aborted) return left.groups();
      await new Promise((resolve) => setTimeout(resolve, retryPauseMs(attempt, Math.random())));
    }
  }
}
