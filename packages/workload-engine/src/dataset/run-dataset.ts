import { rm } from 'node:fs/promises';
import { deriveSeed, seedOf } from '@sai3bench/datagen';
import { type BenchError, summarizeError } from '@sai3bench/errors';
import type { KnownRange } from '@sai3bench/metadata-cache';
import { isFileUri } from '@sai3bench/store-uri';
import { runsMix, type StageKind } from '@sai3bench/workload-config/plan';
import { endpointUris } from '../endpoint-uris.ts';
import type { PoolCondition, PoolKnowledge } from '../host/host-messages.ts';
import { removedPools } from '../memory/stage-memory.ts';
import { Random } from '../selection/random.ts';
import type { ErrorGroup } from '../stage/error-journal.ts';
import type { CheckpointStore } from './checkpoint/checkpoint-store.ts';
import { openCheckpointStore } from './checkpoint/open-checkpoint-store.ts';
import { RunCheckpoints } from './checkpoint/run-checkpoints.ts';
import { type CloseLimits, DATASET_LIMITS, type DatasetLimits } from './dataset-limits.ts';
import { describeCoverage } from './describe-coverage.ts';
import { objectsElsewhere } from './finding/objects-elsewhere.ts';
import { reclaimObjects } from './finding/reclaim-objects.ts';
import { type ObjectsFound, resolveObjects } from './finding/resolve-objects.ts';
import { reviewBeforeCleanup, reviewObjects } from './finding/review-objects.ts';
import { unmadeObjects } from './finding/unmade-objects.ts';
import type { ToldStates } from './knowledge/known-states.ts';
import { DeletedVersions } from './leftovers/deleted-versions.ts';
import { removeMadeDirectories } from './leftovers/remove-made-directories.ts';
import { UnfinishedUploads } from './leftovers/unfinished-uploads.ts';
import type { OnProgress } from './on-progress.ts';
import { type CacheHome, openCacheHome } from './pools/cache-home.ts';
import { DatasetKeeper } from './pools/dataset-keeper.ts';
import type { RunDatasetOptions } from './run-dataset-options.ts';
import { SideStores } from './side-store/side-stores.ts';
import { syncFileSystems } from './sync-files.ts';
import { untilAborted, within } from './time-limit.ts';

/** The datasets of a run on one agent: what exists of them, before, between and after its stages. */
export class RunDataset {
  readonly #options: RunDatasetOptions;
  readonly #limits: DatasetLimits;
  readonly #stores: SideStores;
  readonly #keeper: DatasetKeeper;
  readonly #checkpointStore: CheckpointStore | undefined;
  /** None where the run must leave the storage as it is. */
  readonly #checkpoints: RunCheckpoints | undefined;
  readonly #random: Random;
  /** Of the agent's cache. */
  readonly #directory: string | undefined;
  readonly #versions: DeletedVersions;
  readonly #uploads: UnfinishedUploads;
  /** That objects of earlier runs are left where this one, which cleans up after them, does not look. */
  readonly elsewhere: BenchError | undefined;
  /** Whether what is known of the objects has been compared with the storage. */
  #hasLooked = false;
  /** A cleanup stage has come to its end. */
  #cleaned = false;
  /** No checkpoint tells of objects that are gone. */
  #isUntold = false;
  /** Directories of objects that are gone are removed. */
  #isTidy = false;

  private constructor(
    options: RunDatasetOptions,
    stores: SideStores,
    keeper: DatasetKeeper,
    checkpointStore: CheckpointStore | undefined,
    home: CacheHome | undefined,
    elsewhere: BenchError | undefined,
  ) {
    this.elsewhere = elsewhere;
    const { limits = DATASET_LIMITS, notify, plan, stopping } = options;
    this.#options = options;
    this.#limits = limits;
    this.#stores = stores;
    this.#keeper = keeper;
    this.#checkpointStore = checkpointStore;
    this.#directory = home?.directory;
    this.#random = new Random(deriveSeed(seedOf(BigInt(plan.dataSeed)), `probe ${plan.runId}`));
    const common = {
      ...{ notify, plan },
      pools: keeper.pools,
      putCounters: new Float64Array(options.memory.putCounters),
      storeOf: stores.of,
      signal: stopping,
    };
    this.#versions = new DeletedVersions({ ...common, firstRuns: keeper.firstRuns });
    this.#uploads = new UnfinishedUploads({ ...common, interrupted: keeper.interrupted });
    if (home === undefined || checkpointStore === undefined || this.#onlyReads) return;
    this.#checkpoints = new RunCheckpoints({
      ...{ home, keeper, limits, notify, plan, stopping },
      store: checkpointStore,
      versions: this.#versions,
    });
  }

  /**
   * Finds out what is known of the objects.
   *
   * @throws BenchError where the cache cannot be used: another process has it, or its directory is on a network
   */
  static async open(options: RunDatasetOptions): Promise<RunDataset> {
    const { agentIds, memory, notify, plan, startedAtMs } = options;
    const home = await openCacheHome(plan, agentIds, notify);
    const stores = new SideStores(plan, memory.endpointBoards);
    const checkpoints = home === undefined ? undefined : await openCheckpointStore(options, stores);
    const keeper = await DatasetKeeper.open(plan, memory, home, checkpoints, startedAtMs, notify);
    const elsewhere = await objectsElsewhere(plan, home);
    return new RunDataset(options, stores, keeper, checkpoints, home, elsewhere);
  }

  /** What the controller needs to know to bring the agents' knowledge together. */
  knowledge(): PoolKnowledge[] {
    return this.#keeper.knowledge();
  }

  statesOf(identity: string, begin: number, end: number): ReturnType<DatasetKeeper['statesOf']> {
    return this.#keeper.statesOf(identity, begin, end);
  }

  /** Takes note of what another agent knows. */
  learn(identity: string, range: KnownRange, told: ToldStates): void {
    this.#keeper.learn(identity, range, told);
  }

  /**
   * Gets ready for a stage.
   *
   * @param startsOver whether a prepare makes every object anew of the pool of an identity
   */
  async load(
    kind: StageKind,
    startsOver: (identity: string) => boolean,
    onProgress: OnProgress,
  ): Promise<ObjectsFound> {
    this.#isUntold = false;
    this.#isTidy = false;
    await this.#keeper.attach();
    this.#checkpoints?.start();
    if (kind === 'cleanup') await this.#versions.ask();
    const { notify, plan, stopping } = this.#options;
    const needs = {
      ...{ plan, notify, onProgress },
      pools: this.#keeper.pools,
      storeOf: this.#stores.of,
      random: this.#random,
      signal: stopping,
    };
    const isFirst = !this.#hasLooked;
    if (isFirst) this.#keeper.tellOrigins(plan);
    if (kind !== 'validation' && kind !== 'verify') this.#hasLooked = true;
    const found = await this.#keeper.lookUp(async () => {
      if (runsMix(kind) && isFirst) await reviewObjects(needs);
      if (kind === 'cleanup' && isFirst) await reviewBeforeCleanup(needs);
      if (kind === 'cleanup') await reclaimObjects(needs);
      if (kind !== 'prepare') return { existing: 0, missing: 0 };
      return resolveObjects({ ...needs, startsOver: ({ identity }) => startsOver(identity) });
    });
    if (runsMix(kind) || kind === 'cleanup') await this.#expectDeletions(kind);
    if (kind !== 'prepare') return found;
    await this.#uploads.abortInterrupted(onProgress);
    await this.#keeper.markPrepare(true);
    await this.#keeper.noteOrigins(plan);
    await this.#keeper.markDeletions(new Set());
    return found;
  }

  /** Writes down, here and in a checkpoint, which pools a stage deletes from: if it is killed, what it has deleted is not. */
  async #expectDeletions(kind: StageKind): Promise<void> {
    const { plan } = this.#options;
    const { pools } = this.#keeper;
    const doomed = kind === 'cleanup' ? new Set(pools.keys()) : removedPools(plan).deleted;
    const deleting = pools.filter(
      ({ states }, pool) => doomed.has(pool) && states.countOf('created') > 0,
    );
    await this.#keeper.markDeletions(new Set(deleting.map(({ identity }) => identity)));
    if (deleting.length > 0) await this.#checkpoints?.write();
  }

  /** How the agent's own parts of the pools are. */
  conditions(): PoolCondition[] {
    return this.#keeper.pools.map((pool) => pool.condition);
  }

  /** How much is known of each pool, in words. */
  coverage(): string[] {
    return this.#keeper.pools.map(({ objects, states }) => describeCoverage(objects.plan, states));
  }

  /** What a prepare stage of the run should have made of the agent's own objects, and has not. */
  unmade(stage: string): BenchError | undefined {
    return unmadeObjects(stage, this.#keeper.pools);
  }

  /** Writes down what a stage has done; a prepare that came to its end need not be gone on with. */
  async stageEnded(kind: StageKind, completed: boolean): Promise<void> {
    await this.#keeper.markDeletions(new Set());
    if (kind === 'cleanup') this.#cleaned = completed;
    if (kind !== 'prepare' || !completed) return;
    await this.#keeper.markPrepare(false);
    await this.#checkpoints?.write();
  }

  /**
   * Deletes what buckets that keep versions have left of the objects that a cleanup stage has deleted.
   *
   * @returns failures, which count the objects of which something is left
   */
  deleteVersions(onProgress: OnProgress): Promise<readonly ErrorGroup[]> {
    return this.#versions.delete(onProgress);
  }

  /**
   * Aborts uploads in parts that this run or earlier ones have left.
   *
   * @returns failures, which count those that are still there
   */
  abortUploads(onProgress: OnProgress): Promise<readonly ErrorGroup[]> {
    return this.#uploads.abort(onProgress);
  }

  /** Removes the checkpoint, once nothing is left that it could tell. */
  async cleanedUp(onProgress: OnProgress): Promise<void> {
    if (!this.#isEmpty()) return;
    const { requestsMs, settleMs } = this.#closeLimits;
    if (!this.#isUntold) {
      this.#isUntold = await within(
        requestsMs,
        async (signal) => (await this.#checkpoints?.remove(settleMs, signal)) ?? true,
      );
    }
    if (this.#isTidy) return;
    this.#isTidy = true;
    const { notify, plan, stopping } = this.#options;
    await removeMadeDirectories({
      ...{ notify, onProgress, plan, signal: stopping },
      pools: this.#keeper.pools,
      storeOf: this.#stores.of,
    });
  }

  /** Keeps everything for the next run; what a cleanup stage has made untrue is removed. */
  async close(onProgress: OnProgress): Promise<void> {
    const { requestsMs, settleMs, syncMs, wholeMs } = this.#closeLimits;
    const isGone = this.#cleaned && this.#isEmpty();
    if (isGone) await this.cleanedUp(onProgress);
    // That has had the time for requests already.
    await within(isGone ? wholeMs - requestsMs : wholeMs, async (whole) => {
      if (!isGone)
        await within(requestsMs, async (signal) => this.#checkpoints?.finish(settleMs, signal));
      await this.#checkpointStore?.release();
      await within(syncMs, (signal) => this.#sync(signal));
      // A checkpoint that is left says that objects exist: the cache knows better, and is newer.
      await this.#closeKeeper(isGone && this.#isUntold, whole);
    });
    for (const told of await this.#stores.close()) this.#options.notify('info', told);
  }

  get #closeLimits(): CloseLimits {
    const { close, stoppedClose } = this.#limits;
    return this.#options.stopping.aborted ? stoppedClose : close;
  }

  async #closeKeeper(forgets: boolean, signal: AbortSignal): Promise<void> {
    try {
      const isForgotten = await untilAborted(signal, () => this.#keeper.close(forgets));
      if (!isForgotten || this.#directory === undefined) return;
      await rm(this.#directory, { recursive: true, force: true });
    } catch (error) {
      if (!signal.aborted) throw error;
      const what = 'What was done last may not be written down, so that the next run verifies it';
      this.#options.notify('warn', `⚠ ${what}: ${summarizeError(error)}`);
    }
  }

  /** Whether the run must leave the storage as it is, checkpoints included. */
  get #onlyReads(): boolean {
    return this.#options.plan.stages.every(
      ({ kind }) => kind === 'validation' || kind === 'verify' || kind === 'custom',
    );
  }

  /** Whether none of the objects is there. What is unknown may be. */
  #isEmpty(): boolean {
    if (this.#versions.areLeft || this.#uploads.areLeft) return false;
    return this.#keeper.pools.every(
      ({ states }) => states.countOf('planned') + states.countOf('deleted') === states.count,
    );
  }

  /** Has files written back to their devices, so that a reboot need not put them into doubt. */
  async #sync(signal: AbortSignal): Promise<void> {
    const { plan } = this.#options;
    const uris = plan.pools.flatMap(({ store }) => endpointUris(plan, store));
    const directories = new Set(uris.filter(isFileUri).map(({ path }) => path));
    const synced = this.#keeper.beginSync();
    if (directories.size === 0) return;
    if (await syncFileSystems([...directories], signal)) synced();
  }
}
