import type { ObjectState } from '@sai3bench/metadata-cache';
import { formatCount } from '@sai3bench/units';
import { parseStoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { Random } from '../selection/random.ts';
import { claimObjects } from './claim-objects.ts';
import { ContentOrigin } from './content-origin.ts';
import type { Notify } from './dataset-keeper.ts';
import { findObjects } from './find-objects.ts';
import type { KeptPool } from './kept-pool.ts';
import { probeObjects } from './probe-objects.ts';
import type { SideStore } from './side-store.ts';

/** Requests under way at once while objects are looked for. */
const MAX_CONCURRENCY = 64;

/** What a checkpoint says of objects that may have been made since it was written. */
const NOT_MADE_YET: ReadonlySet<ObjectState> = new Set(['planned', 'failed']);

/** What finding out about objects needs. */
export interface ResolveOptions {
  readonly plan: AgentPlan;
  readonly pools: readonly KeptPool[];
  /** The store of a pool, by its number in the plan. */
  readonly storeOf: (store: number) => Promise<SideStore>;
  /** Whether to make every object of a pool anew, whatever is there. */
  readonly startsOver: (pool: KeptPool) => boolean;
  readonly random: Random;
  readonly notify: Notify;
  readonly onProgress: (what: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Own objects that are there, and that are to be made. */
export interface ObjectsFound {
  readonly existing: number;
  readonly missing: number;
}

/**
 * Decides which of the agent's objects a prepare stage has to make: after this none is `unknown`, and those that are
 * neither `created` nor `found` are missing. What is known is not taken on trust: some objects are looked at.
 */
export async function resolveObjects(options: ResolveOptions): Promise<ObjectsFound> {
  for (const pool of options.pools) {
    if (options.startsOver(pool)) startOver(pool);
    else await resolvePool(pool, options);
  }
  const count = (state: 'created' | 'found'): number =>
    options.pools.reduce((sum, { states }) => sum + states.countOf(state), 0);
  const existing = count('created') + count('found');
  const total = options.pools.reduce((sum, { states }) => sum + states.count, 0);
  return { existing, missing: total - existing };
}

/** What was created may be there until it is made again, which clean-up has to know. */
function startOver({ states }: KeptPool): void {
  states.replace('created', 'creating');
  for (const state of ['unknown', 'found', 'deleted'] as const) states.replace(state, 'planned');
}

async function resolvePool(pool: KeptPool, options: ResolveOptions): Promise<void> {
  const { plan } = options;
  const { objects, states } = pool;
  const schemes = plan.stores[objects.plan.store]?.endpoints.map(
    (endpoint) => parseStoreUri(endpoint).scheme,
  );
  if (schemes?.includes('null') === true) {
    states.replace('unknown', 'planned');
    return;
  }
  const store = await options.storeOf(objects.plan.store);
  await distrust(pool, store, options);
  if (plan.prepare.skipVerification) pool.assumeFound();
  if (states.countOf('unknown') > 0) {
    await lookFor(
      pool,
      store,
      schemes?.includes('s3') === true ? 'listings' : 'directories',
      options,
    );
  }
  pool.settle();
}

/** Looks which of the objects that are `unknown` are there. */
async function lookFor(
  pool: KeptPool,
  store: SideStore,
  by: 'listings' | 'directories',
  options: ResolveOptions,
): Promise<void> {
  const { plan } = options;
  const search = {
    ...{ pool, store, signal: options.signal },
    concurrency: Math.min(plan.concurrency, MAX_CONCURRENCY),
    onProgress: (done: number, total: number) => {
      options.onProgress('verifying objects', done, total);
    },
  };
  const { broken, otherSize } = await findObjects({ ...search, by });
  if (broken > 0) {
    options.notify(
      'warn',
      `⚠ ${formatCount(broken)} objects are there with another size than they were written with: they are made again`,
    );
  }
  if (pool.isDoubted) {
    const origin = new ContentOrigin(plan);
    await claimObjects({ ...search, origin, formerly: NOT_MADE_YET, mayBeCut: false });
  }
  if (otherSize === 0) return;
  options.notify(
    'warn',
    `⚠ ${formatCount(otherSize)} objects are there with another size than this workload gives them: they are left as they are; prepare.force_overwrite makes them anew`,
  );
}

/** Looks at some of the objects that are said to exist; if they do not, all are to be looked for. */
async function distrust(
  pool: KeptPool,
  store: SideStore,
  { notify, random }: ResolveOptions,
): Promise<void> {
  const { objects, states } = pool;
  if (states.countOf('created') === 0) return;
  const mismatches = await probeObjects(objects, states, store, random);
  const [first] = mismatches;
  if (first === undefined) return;
  const doubted = pool.doubt('created', 0, states.count);
  notify(
    'warn',
    `⚠ The cache does not fit the storage (${first.key} ${first.problem}): ${formatCount(doubted)} objects are verified`,
  );
}
