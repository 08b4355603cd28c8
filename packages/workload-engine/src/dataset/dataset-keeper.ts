import { BenchError, summarizeError } from '@sai3bench/errors';
import {
  allocateObjectStates,
  type CachedPool,
  type Checkpoint,
  type CheckpointContent,
  EncodedSource,
  encodeStates,
  type KnownRange,
  type MetadataCache,
  ObjectStates,
  restoreStates,
  type StateSource,
} from '@sai3bench/metadata-cache';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { PoolKnowledge } from '../host/host-messages.ts';
import type { RunMemory } from '../memory/run-memory.ts';
import type { CacheHome } from './cache-home.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { type KeptPool, keptPools } from './kept-pool.ts';
import { PoolMarks } from './pool-marks.ts';

/** Says something to the user. */
export type Notify = (level: 'info' | 'warn', text: string) => void;

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
  readonly #siblings: readonly MetadataCache[];
  readonly #checkpoints: readonly Checkpoint[];
  /** Something was known of the objects that cannot be read any more. */
  readonly #isLost: boolean;
  readonly #generation: number;
  readonly #notify: Notify;
  readonly #marks: PoolMarks;
  readonly #others = new Map<string, StateSource[]>();
  readonly #cached: CachedPool[] = [];
  #attached = false;
  #flushes: NodeJS.Timeout | undefined;
  #flushFailed = false;

  private constructor(
    pools: readonly KeptPool[],
    home: CacheHome | undefined,
    checkpoints: readonly Checkpoint[],
    isLost: boolean,
    generation: number,
    notify: Notify,
  ) {
    this.pools = pools;
    this.#cache = home?.own;
    this.#hasKnown = (home?.own.identities() ?? []).length > 0;
    this.#siblings = home?.siblings ?? [];
    this.#checkpoints = checkpoints;
    this.#isLost = isLost;
    this.#generation = generation;
    this.#notify = notify;
    const identities = pools.map(({ identity }) => identity);
    this.#marks = new PoolMarks(this.#cache, this.#siblings, checkpoints, identities);
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
    return new DatasetKeeper(pools, home, checkpoints, isLost, generation, notify);
  }

  /** Identities of the pools of which a prepare was begun and did not come to its end. */
  get interrupted(): ReadonlySet<string> {
    const identities = this.pools.map(({ identity }) => identity);
    return new Set(identities.filter((identity) => this.#marks.has('unfinished', identity)));
  }

  /** Whether objects are known here that the run is not about: of other datasets, or beyond what is left of these. */
  get knowsOthers(): boolean {
    const cache = this.#cache;
    if (cache === undefined) return false;
    const counts = new Map(
      this.pools.map(({ identity, objects }) => [identity, objects.plan.count]),
    );
    return cache.identities().some((identity) => {
      const count = counts.get(identity);
      return count === undefined || cache.known(identity).some(({ end }) => end > count);
    });
  }

  /** What the controller needs to know to bring the agents' knowledge together. */
  knowledge(): PoolKnowledge[] {
    return this.pools.map(({ identity, objects }) => ({
      identity,
      own: objects.plan.own,
      known: this.#sources(identity).flatMap(({ ranges }) => ranges),
      unfinished: this.#marks.has('unfinished', identity),
    }));
  }

  /** What is known of objects of a pool, encoded for another agent. */
  async statesOf(identity: string, begin: number, end: number): Promise<Uint8Array> {
    const states = new ObjectStates(allocateObjectStates(end - begin), end - begin);
    await restoreStates(states, begin, this.#sources(identity));
    return encodeStates(states);
  }

  /** Takes note of what another agent knows. */
  learn(identity: string, range: KnownRange, encoded: Uint8Array): void {
    const sources = this.#others.get(identity) ?? [];
    sources.push(new EncodedSource(range, encoded));
    this.#others.set(identity, sources);
  }

  /** Fills the states with the newest that is known, once; from then on changes are kept. */
  async attach(): Promise<void> {
    if (this.#attached) return;
    this.#attached = true;
    for (const pool of this.pools) await this.#attachPool(pool);
    for (const sibling of this.#siblings) await sibling.close();
    if (this.#cache === undefined) return;
    this.#flushes = setInterval(() => {
      void this.flush();
    }, FLUSH_INTERVAL_MS);
  }

  /** Notes that a prepare of all pools begins, or that it has come to its end. */
  async markPrepare(unfinished: boolean): Promise<void> {
    for (const { identity } of this.pools) {
      await this.#keep(() => this.#marks.put('unfinished', identity, unfinished));
    }
  }

  /** Writes down what has changed. A run does not end because that fails: it can only be resumed less well. */
  async flush(): Promise<void> {
    await this.#keep((cache) => cache.flush());
  }

  /** The pools that are kept, and how recent what was written of them is. */
  get cachedPools(): CheckpointContent['pools'] {
    return this.pools.flatMap(({ identity, states }, index) => {
      const range = this.#cached[index]?.known;
      if (range === undefined) return [];
      return [{ identity, states, range, marks: this.#marks.of(identity) }];
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

  /** Writes everything down and gives the cache back. */
  async close(): Promise<void> {
    clearInterval(this.#flushes);
    await this.#keep((cache) => cache.close());
  }

  async #attachPool(pool: KeptPool): Promise<void> {
    const { identity, objects, states } = pool;
    const { begin } = objects.plan.own;
    const fromCheckpoints = this.#checkpoints.flatMap((each) => [...each.sources(identity)]);
    const others = [
      ...this.#siblings.flatMap((sibling) => [...sibling.sources(identity)]),
      ...(this.#others.get(identity) ?? []),
      ...fromCheckpoints,
    ];
    if (this.#cache === undefined) {
      await restoreStates(states, begin, others);
      return;
    }
    const own = this.#cache.sources(identity).length;
    pool.isCacheOfOthers = own === 0 && this.#hasKnown;
    const cached = await this.#cache.attach({
      ...{ identity, begin, states, others },
      generation: this.#generation,
    });
    this.#cached.push(cached);
    await this.#keep(() => this.#marks.save('unfinished', identity));
    const stale = own + others.length - fromCheckpoints.length;
    for (const choice of cached.report.restored) {
      // A checkpoint is older than the end of its run: what it does not know to exist may exist.
      if (choice.source < stale) continue;
      for (const state of ['planned', 'creating', 'failed'] as const) {
        pool.doubt(state, choice.begin - begin, choice.end - begin);
      }
    }
    this.#report(pool, cached);
    if (this.#isLost) pool.lost(0, states.count);
  }

  #report(pool: KeptPool, { report }: CachedPool): void {
    const { begin } = pool.objects.plan.own;
    if (report.damaged.length > 0) {
      const count = report.damaged.reduce((sum, range) => sum + range.end - range.begin, 0);
      for (const range of report.damaged) pool.lost(range.begin - begin, range.end - begin);
      this.#notify(
        'warn',
        `⚠ The cache is damaged: what it knew of ${formatCount(count)} objects is verified`,
      );
    }
    if (!pool.isOnFiles) return;
    let lost = 0;
    for (const range of report.suspect) {
      lost += pool.doubt('created', range.begin - begin, range.end - begin);
    }
    if (lost === 0) return;
    this.#notify(
      'warn',
      `⚠ This host was restarted since ${formatCount(lost)} files were written: they are verified`,
    );
  }

  #sources(identity: string): StateSource[] {
    const caches = [this.#cache, ...this.#siblings];
    return [
      ...caches.flatMap((cache) => [...(cache?.sources(identity) ?? [])]),
      ...this.#checkpoints.flatMap((checkpoint) => [...checkpoint.sources(identity)]),
    ];
  }

  async #keep(act: (cache: MetadataCache) => Promise<unknown>): Promise<void> {
    if (this.#cache === undefined) return;
    try {
      await act(this.#cache);
      this.#flushFailed = false;
    } catch (error) {
      if (this.#flushFailed) return;
      this.#flushFailed = true;
      this.#notify(
        'warn',
        `⚠ What exists cannot be written down, so that a resumed run will make more again: ${summarizeError(BenchError.from(error))}`,
      );
    }
  }
}
