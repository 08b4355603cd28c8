import {
  type CachedPool,
  type Checkpoint,
  type CheckpointContent,
  type KnownRange,
  type MetadataCache,
  restoreStates,
} from '@sai3bench/metadata-cache';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { PoolKnowledge } from '../../host/host-messages.ts';
import type { RunMemory } from '../../memory/run-memory.ts';
import type { CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { FirstRuns } from '../knowledge/first-runs.ts';
import { type ForeignStates, Foreignness } from '../knowledge/foreign-states.ts';
import { KnownSources } from '../knowledge/known-sources.ts';
import { tellStates, type ToldStates } from '../knowledge/known-states.ts';
import { RestoredDoubts } from '../knowledge/restored-doubts.ts';
import type { Notify } from '../notify.ts';
import { WriteGate } from '../write-gate.ts';
import type { CacheHome } from './cache-home.ts';
import { KeptCache } from './kept-cache.ts';
import { type KeptPool, keptPools } from './kept-pool.ts';
import { PoolMarks } from './pool-marks.ts';
import { describeOtherOrigin, originIn, putOrigin } from './pool-origin.ts';

const FLUSH_INTERVAL_MS = 1000;

/**
 * Knows the states of the objects of a run's datasets: fills them, before the first stage, with the newest that anybody
 * knows, and keeps what changes on this host. Lives in the main thread of the I/O process; workers change the states in
 * shared memory.
 */
export class DatasetKeeper {
  readonly pools: readonly KeptPool[];
  readonly #cache: MetadataCache | undefined;
  /** The cache knew something when it was opened. */
  readonly #hasKnown: boolean;
  readonly #kept: KeptCache;
  readonly #known: KnownSources;
  /** Something was known of the objects that cannot be read any more. */
  readonly #isLost: boolean;
  readonly #generation: number;
  readonly #notify: Notify;
  readonly #marks: PoolMarks;
  /** When the first run of each pool began. */
  readonly firstRuns: FirstRuns;
  /** What the run is not about. */
  readonly foreignness: Foreignness;
  /** What this agent's checkpoint tells of others; the next ones are to tell it too. */
  readonly foreign: readonly ForeignStates[];
  readonly #gate: WriteGate;
  readonly #cached: CachedPool[] = [];
  #attached = false;
  #flushes: NodeJS.Timeout | undefined;

  private constructor(
    pools: readonly KeptPool[],
    home: CacheHome | undefined,
    checkpoints: readonly Checkpoint[],
    ownCheckpoint: Checkpoint | undefined,
    isLost: boolean,
    generation: number,
    notify: Notify,
  ) {
    this.foreignness = new Foreignness(pools);
    this.foreign = ownCheckpoint === undefined ? [] : this.foreignness.statesIn(ownCheckpoint);
    this.pools = pools;
    this.#cache = home?.own;
    this.#hasKnown = (home?.own.identities() ?? []).length > 0;
    this.#kept = new KeptCache(this.#cache, notify);
    const siblings = home?.siblings ?? [];
    this.#known = new KnownSources(this.#cache, siblings, checkpoints);
    this.#isLost = isLost;
    this.#generation = generation;
    this.#notify = notify;
    this.#gate = new WriteGate(() => pools.some(({ isDoubted }) => isDoubted));
    const identities = pools.map(({ identity }) => identity);
    this.#marks = new PoolMarks(this.#cache, siblings, checkpoints, identities);
    this.firstRuns = new FirstRuns(this.#cache, siblings, checkpoints, identities);
  }

  /**
   * Finds out what is known, here and in the storage under test.
   *
   * @param home caches on this host; undefined to keep nothing
   * @param checkpointStore where checkpoints are; undefined when there are none
   * @param generation when the run began, in ms since 1970 on the controller's clock
   */
  static async open(
    plan: AgentPlan,
    memory: RunMemory,
    home: CacheHome | undefined,
    checkpointStore: CheckpointStore | undefined,
    generation: number,
    notify: Notify,
  ): Promise<DatasetKeeper> {
    const checkpoints =
      home === undefined ? [] : ((await checkpointStore?.fetch(home.directory)) ?? []);
    const isLost = home?.own.opening.setAside !== undefined || checkpointStore?.hasFailed === true;
    const pools = keptPools(plan, memory);
    const own = checkpointStore?.own;
    return new DatasetKeeper(pools, home, checkpoints, own, isLost, generation, notify);
  }

  /** Identities of the pools of which a prepare was begun and did not come to its end. */
  get interrupted(): ReadonlySet<string> {
    const identities = this.pools.map(({ identity }) => identity);
    return new Set(identities.filter((identity) => this.#marks.has('unfinished', identity)));
  }

  /** What the controller needs to know to bring the agents' knowledge together. */
  knowledge(): PoolKnowledge[] {
    return this.pools.map(({ identity, objects }) => ({
      identity,
      own: objects.plan.own,
      known: this.#known.withoutAgents(identity).flatMap(({ source }) => source.ranges),
      unfinished: this.#marks.has('unfinished', identity),
    }));
  }

  /** What is known of objects of a pool, encoded for another agent. */
  async statesOf(identity: string, begin: number, end: number): Promise<ToldStates> {
    const told = await tellStates(this.#known.withoutAgents(identity), begin, end);
    return { ...told, madeSince: this.firstRuns.begunAt(identity) };
  }

  /** Takes note of what another agent knows. */
  learn(identity: string, range: KnownRange, told: ToldStates): void {
    this.#known.learn(identity, range, told);
    this.firstRuns.learn(identity, told.madeSince);
  }

  /** Fills the states with the newest that is known, once; from then on changes are kept. */
  async attach(): Promise<void> {
    if (this.#attached) return;
    this.#attached = true;
    for (const pool of this.pools) {
      await this.#attachPool(pool);
      this.firstRuns.attached(pool);
      await this.#kept.write(() => this.firstRuns.save(pool.identity));
    }
    await this.#known.closeSiblings();
    if (this.#cache === undefined) return;
    this.#flushes = setInterval(() => {
      void this.flush();
    }, FLUSH_INTERVAL_MS);
  }

  /** Remembers which run makes what is missing of the pools, and by way of which endpoints. */
  async noteOrigins(plan: AgentPlan): Promise<void> {
    const startedAt = new Date(this.#generation).toISOString();
    for (const pool of this.pools) {
      const { condition, identity, objects } = pool;
      if (condition.isWhole) continue;
      this.firstRuns.begin(pool, Date.now());
      await this.#kept.write(() => this.firstRuns.save(identity));
      const endpoints = plan.stores[objects.plan.store]?.endpoints ?? [];
      const origin = { runId: plan.runId, startedAt, endpoints };
      await this.#kept.write((cache) => putOrigin(cache, identity, origin));
    }
  }

  /** Says of which pools there are objects that were made by way of other endpoints than the plan has. */
  tellOrigins(plan: AgentPlan): void {
    for (const { identity, objects, states } of this.pools) {
      if (this.#cache === undefined || states.countOf('created') === 0) continue;
      const origin = originIn(this.#cache, identity);
      const told = origin && describeOtherOrigin(origin, objects.plan, plan);
      if (told === undefined) continue;
      this.#notify('info', `Objects ${objects.plan.prefix}${objects.plan.name}-* were ${told}`);
    }
  }

  /** Notes that a prepare of all pools begins, or that it has come to its end. */
  async markPrepare(unfinished: boolean): Promise<void> {
    for (const { identity } of this.pools) {
      await this.#kept.write(() => this.#marks.put('unfinished', identity, unfinished));
    }
  }

  /**
   * Notes of which pools objects are about to be deleted; of all others, that this is over, and written down. Where
   * something is believed that may be gone, it is not.
   *
   * @param identities of the pools
   */
  async markDeletions(identities: ReadonlySet<string>): Promise<void> {
    const isWritten = await this.flush();
    for (const { identity, isUnproven } of this.pools) {
      const isDeleting = isUnproven || identities.has(identity);
      if (!isDeleting && !isWritten) continue;
      await this.#kept.write(() => this.#marks.put('deleting', identity, isDeleting));
    }
  }

  /**
   * Writes down what has changed, unless something is in doubt. A run does not end because that fails: it can only be
   * resumed less well.
   *
   * @returns whether it is written
   */
  flush(): Promise<boolean> {
    return this.#gate.write(false, () => this.#kept.write((cache) => cache.flush()));
  }

  /** Finds out about objects: what is known of them stays written as it is until that is done. */
  lookUp<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#gate.shut(work);
  }

  /** Does something with the states while none of them is in doubt; nothing when one is. */
  async whileCertain(work: () => Promise<void>): Promise<void> {
    await this.#gate.write(undefined, work);
  }

  /** The pools that are kept, and how recent what was written of them is. */
  get cachedPools(): CheckpointContent['pools'] {
    return this.pools.flatMap(({ identity, states }, index) => {
      const range = this.#cached[index]?.known;
      if (range === undefined) return [];
      const madeSince = this.firstRuns.begunAt(identity);
      return [{ identity, states, range, madeSince, marks: this.#marks.of(identity) }];
    });
  }

  /**
   * Say this before the files are written back to their devices. What other storages have acknowledged is safe already.
   *
   * @returns what to call once they are
   */
  beginSync(): () => void {
    const onFiles: CachedPool[] = [];
    for (const [index, pool] of this.#cached.entries()) {
      pool.beginSync();
      if (this.pools[index]?.isOnFiles === true) onFiles.push(pool);
      else pool.synced();
    }
    return () => {
      for (const pool of onFiles) pool.synced();
    };
  }

  /**
   * Writes everything down, unless something is in doubt, and gives the cache back.
   *
   * @param isGone whether all objects of the run are gone: then they are forgotten
   * @returns whether the cache knows nothing any more
   */
  async close(isGone: boolean): Promise<boolean> {
    clearInterval(this.#flushes);
    if (isGone) await this.#kept.write((cache) => this.#forget(cache));
    const isEmpty = this.#cache?.identities().length === 0;
    await this.#kept.write((cache) => (this.#gate.isShut ? cache.abandon() : cache.close()));
    return isGone && isEmpty;
  }

  /** Forgets the run's pools, but not those of which something lies beyond their ends now. */
  async #forget(cache: MetadataCache): Promise<void> {
    for (const { identity } of this.pools) {
      if (this.foreignness.isIn(cache, identity)) continue;
      await cache.drop(identity);
      await putOrigin(cache, identity, undefined);
      await this.firstRuns.forget(identity);
    }
  }

  async #attachPool(pool: KeptPool): Promise<void> {
    const { identity, objects, states } = pool;
    const { begin } = objects.plan.own;
    const own = this.#known.ownCache(identity);
    const others = this.#known.besideOwnCache(identity);
    const sources = others.map(({ source }) => source);
    const doubts = new RestoredDoubts(pool, [...own, ...others], this.#notify);
    if (this.#cache === undefined) {
      const restored = await restoreStates(states, begin, sources);
      await doubts.recall();
      doubts.doubtOutdated(restored);
      return;
    }
    pool.isCacheOfOthers = own.length === 0 && this.#hasKnown;
    const cached = await this.#cache.attach({
      ...{ identity, begin, states, others: sources },
      generation: this.#generation,
    });
    this.#cached.push(cached);
    await this.#kept.write(() => this.#marks.save('unfinished', identity));
    await doubts.recall();
    doubts.doubtOutdated(cached.report.restored);
    doubts.doubtLost(cached.report);
    if (this.#isLost) pool.lost(0, states.count);
  }
}
