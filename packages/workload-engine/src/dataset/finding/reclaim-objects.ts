import { BenchError, summarizeError } from '@sai3bench/errors';
import type { ObjectState } from '@sai3bench/metadata-cache';
import { isFileUri } from '@sai3bench/store-uri';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../../endpoint-uris.ts';
import type { Notify } from '../notify.ts';
import { ContentOrigin } from '../pools/content-origin.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { claimObjects } from './claim-objects.ts';
import { findObjects } from './find-objects.ts';

/** Requests under way at once. */
const MAX_CONCURRENCY = 64;
/** Objects that one request lists. */
const LISTED_AT_ONCE = 1_000;
/** Objects of others that are looked at again at most. */
const MAX_FOUND_AGAIN = 1_000;
/** States of objects that may be there, made by a process or on a host that could not write it down any more. */
const DOUBTFUL: ReadonlySet<ObjectState> = new Set(['planned', 'unknown']);
/** States of objects in whose place there may be ones of somebody else. */
const MISTRUSTED: ReadonlySet<ObjectState> = new Set([...DOUBTFUL, 'creating', 'created']);

/** What looking for objects before a clean-up needs. */
export interface ReclaimOptions {
  readonly plan: AgentPlan;
  readonly pools: readonly KeptPool[];
  /** The store of a pool, by its number in the plan. */
  readonly storeOf: (store: number) => Promise<SideStore>;
  readonly notify: Notify;
  readonly onProgress: (what: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Gets ready for a clean-up: what a killed process, or a host that is gone, has made without its being known is looked
 * for. What has the content of this dataset becomes `created`, so that it is deleted; anything else that is in its place
 * is told of, and left. Where nothing can be looked for, that is told, and what is unknown stays so.
 */
export async function reclaimObjects(options: ReclaimOptions): Promise<void> {
  const { notify, plan, pools } = options;
  const origin = new ContentOrigin(plan);
  for (const pool of pools) {
    try {
      await reclaimPool(pool, origin, options);
    } catch (error) {
      if (!BenchError.is(error) || options.signal.aborted) throw error;
      notify(
        'warn',
        `⚠ ${formatCount(pool.states.countOf('unknown'))} objects could not be looked for, and are left if they are there: ${summarizeError(error)}`,
      );
    }
    pool.settle();
  }
  const left = pools.reduce((sum, { states }) => sum + states.countOf('found'), 0);
  if (left === 0) return;
  notify(
    'warn',
    `⚠ ${formatCount(left)} objects of unknown origin left: it is not known that this workload has made them, so they are not deleted`,
  );
}

async function reclaimPool(
  pool: KeptPool,
  origin: ContentOrigin,
  { onProgress, plan, signal, storeOf }: ReclaimOptions,
): Promise<void> {
  const { objects, states } = pool;
  const uris = endpointUris(plan, objects.plan.store);
  if (uris.some(({ scheme }) => scheme === 'null')) return;
  pool.remember();
  pool.doubt('planned', 0, states.count);
  // They may be gone meanwhile; so many that it would take long are rather left in doubt.
  if (states.countOf('found') <= MAX_FOUND_AGAIN) states.replace('found', 'unknown');
  const unknown = states.countOf('unknown');
  if (unknown === 0) return;
  const store = await storeOf(objects.plan.store);
  const canList = uris.every(({ scheme }) => scheme === 's3');
  const concurrency = Math.min(plan.concurrency, MAX_CONCURRENCY);
  await findObjects({
    ...{ pool, store, concurrency, signal },
    by: canList && unknown > states.count / LISTED_AT_ONCE ? 'listings' : 'directories',
    onProgress: (done, total) => {
      onProgress('looking for objects', done, total);
    },
  });
  await claimObjects({
    ...{ pool, store, origin, concurrency, signal },
    formerly: pool.isMistrusted ? MISTRUSTED : DOUBTFUL,
    cutBecomes: uris.every(isFileUri) ? 'created' : 'found',
    onProgress: (done, total) => {
      onProgress('looking whose objects they are', done, total);
    },
  });
}
