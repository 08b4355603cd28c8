import type { ObjectState } from '@sai3bench/metadata-cache';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../../endpoint-uris.ts';
import type { Random } from '../../selection/random.ts';
import type { Notify } from '../notify.ts';
import { ContentOrigin } from '../pools/content-origin.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { claimObjects } from './claim-objects.ts';
import { findObjects } from './find-objects.ts';
import { probeObjects } from './probe-objects.ts';

/** Requests under way at once while objects are looked for. */
const MAX_CONCURRENCY = 64;

/** What a checkpoint says of objects that may have been made since it was written. */
const NOT_MADE_YET: ReadonlySet<ObjectState> = new Set(['planned', 'failed']);
/** What is known of objects in whose place there may be ones of somebody else. */
const MISTRUSTED: ReadonlySet<ObjectState> = new Set([...NOT_MADE_YET, 'creating', 'created']);

/** What finding out about objects needs. */
export interface SearchOptions {
  readonly plan: AgentPlan;
  readonly pools: readonly KeptPool[];
  /** The store of a pool, by its number in the plan. */
  readonly storeOf: (store: number) => Promise<SideStore>;
  readonly random: Random;
  readonly notify: Notify;
  readonly onProgress: (what: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** What deciding what to make needs. */
export interface ResolveOptions extends SearchOptions {
  /** Whether to make every object of a pool anew, whatever is there. */
  readonly startsOver: (pool: KeptPool) => boolean;
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
function startOver(pool: KeptPool): void {
  const { states } = pool;
  pool.takeForPossible();
  pool.settle();
  states.replace('created', 'creating');
  for (const state of ['unknown', 'found', 'deleted'] as const) states.replace(state, 'planned');
}

async function resolvePool(pool: KeptPool, options: ResolveOptions): Promise<void> {
  const { notify, plan } = options;
  const { states } = pool;
  if (!isLasting(pool, plan)) {
    states.replace('unknown', 'planned');
    pool.settle();
    return;
  }
  const store = await options.storeOf(pool.objects.plan.store);
  const doubted = await doubtIfWrong(pool, store, options);
  if (doubted !== undefined) {
    notify(
      'warn',
      `⚠ The cache does not fit the storage (${doubted.problem}): ${formatCount(doubted.objects)} objects are verified`,
    );
  }
  if (plan.prepare.skipVerification) pool.assumeFound();
  await lookForUnknown(pool, store, options, {
    broken: 'they are made again',
    otherSize: 'they are left as they are; prepare.force_overwrite makes them anew',
  });
  pool.settle();
}

/** Whether objects of a pool are there after they were written. */
export function isLasting({ objects }: KeptPool, plan: AgentPlan): boolean {
  return endpointUris(plan, objects.plan.store).every(({ scheme }) => scheme !== 'null');
}

/**
 * Looks which of the objects that are `unknown` are there.
 *
 * @param becomes what becomes of those with another size than they were written with, and of those with another size
 *   than the plan gives them
 */
export async function lookForUnknown(
  pool: KeptPool,
  store: SideStore,
  options: SearchOptions,
  becomes: { readonly broken: string; readonly otherSize: string },
): Promise<void> {
  const { notify, plan } = options;
  const unknown = pool.states.countOf('unknown');
  if (unknown === 0) return;
  const search = {
    ...{ pool, store, signal: options.signal },
    concurrency: Math.min(plan.concurrency, MAX_CONCURRENCY),
    onProgress: (done: number, total: number) => {
      options.onProgress('verifying objects', done, total);
    },
  };
  const uris = endpointUris(plan, pool.objects.plan.store);
  const by = uris.some(({ scheme }) => scheme === 's3') ? 'listings' : 'directories';
  const { broken, otherSize } = await findObjects({ ...search, by });
  const found = pool.states.countOf('found');
  if (pool.isCacheOfOthers && found > 0) {
    notify(
      'warn',
      `⚠ The cache is one of other objects than these: ${formatCount(found)} of ${formatCount(unknown)} were found, which it knew nothing of`,
    );
  }
  let brokenToo = 0;
  if (pool.isDoubted) {
    brokenToo = await claimObjects({
      ...{ ...search, origin: new ContentOrigin(plan) },
      formerly: pool.isMistrusted ? MISTRUSTED : NOT_MADE_YET,
      cutBecomes: pool.isMistrusted ? 'planned' : 'found',
    });
  }
  const again = pool.isMistrusted ? brokenToo : broken;
  if (again > 0) {
    notify(
      'warn',
      `⚠ ${formatCount(again)} objects are there with another size than they were written with: ${becomes.broken}`,
    );
  }
  if (pool.isMistrusted) {
    notify(
      'warn',
      `⚠ ${formatCount(pool.states.countOf('found'))} objects are there that are not known to be of this workload: ${becomes.otherSize}`,
    );
    return;
  }
  if (otherSize === 0) return;
  notify(
    'warn',
    `⚠ ${formatCount(otherSize)} objects are there with another size than this workload gives them: ${becomes.otherSize}`,
  );
}

/** What is wrong with one of the objects that are said to exist, and how many of them are in doubt for it. */
export interface Doubt {
  readonly problem: string;
  readonly objects: number;
}

/** Looks at some of the objects that are said to exist; where one is not what it should be, all are in doubt. */
export async function doubtIfWrong(
  pool: KeptPool,
  store: SideStore,
  options: SearchOptions,
): Promise<Doubt | undefined> {
  const wrong = await probePool(pool, store, options);
  if (wrong === undefined) return undefined;
  const objects = wrong.isForeign ? pool.mistrust() : pool.doubt('created', 0, pool.states.count);
  return { problem: wrong.problem, objects };
}

/**
 * Looks at some of the objects that are said to exist.
 *
 * @returns what is wrong with one of them, rather of somebody else's; undefined when nothing is
 */
export async function probePool(
  { objects, states }: KeptPool,
  store: SideStore,
  { plan, random }: SearchOptions,
): Promise<{ readonly problem: string; readonly isForeign: boolean } | undefined> {
  if (states.countOf('created') === 0) return undefined;
  const origin = new ContentOrigin(plan);
  const wrong = await probeObjects({ objects, states, store, origin, random });
  const worst = wrong.find(({ isForeign }) => isForeign) ?? wrong[0];
  if (worst === undefined) return undefined;
  return { problem: `${worst.key} ${worst.problem}`, isForeign: worst.isForeign };
}
