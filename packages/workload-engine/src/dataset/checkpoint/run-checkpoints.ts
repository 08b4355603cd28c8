import { summarizeError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { DatasetLimits } from '../dataset-limits.ts';
import { TakenOver } from '../knowledge/taken-over.ts';
import type { DeletedVersions } from '../leftovers/deleted-versions.ts';
import type { Notify } from '../notify.ts';
import type { CacheHome } from '../pools/cache-home.ts';
import type { DatasetKeeper } from '../pools/dataset-keeper.ts';
import { untilAborted } from '../time-limit.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { Checkpointer } from './checkpointer.ts';

/** What the checkpoints of a run need to know of it. */
export interface RunCheckpointsOptions {
  readonly plan: AgentPlan;
  readonly home: CacheHome;
  readonly store: CheckpointStore;
  readonly keeper: DatasetKeeper;
  readonly versions: DeletedVersions;
  readonly limits: DatasetLimits;
  /** Ends whatever is under way, because the run is stopped. */
  readonly stopping: AbortSignal;
  readonly notify: Notify;
}

/** The checkpoints that a run makes of its datasets, and those of agents that are no more, which it takes over. */
export class RunCheckpoints {
  readonly #options: RunCheckpointsOptions;
  readonly #checkpointer: Checkpointer;
  readonly #takenOver: TakenOver;

  constructor(options: RunCheckpointsOptions) {
    const { home, keeper, limits, notify, plan, stopping, store } = options;
    this.#options = options;
    this.#takenOver = new TakenOver({
      ...{ checkpoints: store, notify },
      caches: home.siblingDirectories,
      foreignness: keeper.foreignness,
    });
    this.#checkpointer = new Checkpointer({
      ...{ keeper, limits, notify, stopping, store },
      directory: home.directory,
      agentId: plan.agentId,
      intervalMs: plan.metadataCache.checkpointIntervalMs,
    });
  }

  /** Makes one now and then, from now on. */
  start(): void {
    this.#checkpointer.start();
  }

  /** Makes one of what is known now; see {@link Checkpointer.write}. */
  write(): Promise<void> {
    return this.#checkpointer.write();
  }

  /**
   * Makes the last one; then what others have left that are no more is told twice, and removed.
   *
   * @param settleMs for one that is under way
   * @param signal ends all of it
   */
  async finish(settleMs: number, signal: AbortSignal): Promise<void> {
    await this.#checkpointer.finish(settleMs, signal);
    const isStopped = this.#options.stopping.aborted;
    if (!isStopped && this.#checkpointer.isCurrent) await this.#removeTakenOver(signal);
  }

  /**
   * Removes all of them, with their versions, because nothing is left that they could tell.
   *
   * @param settleMs for one that is under way
   * @param signal ends all of it
   * @returns whether the agent's own tells nothing of the run's objects any more
   */
  async remove(settleMs: number, signal: AbortSignal): Promise<boolean> {
    const removal = await this.#checkpointer.remove(settleMs, signal);
    if (removal === 'removed') await this.#deleteVersionsOf(this.#options.store.key, signal);
    await this.#removeTakenOver(signal);
    return removal !== 'left';
  }

  /** Removes what agents that are no more have left, if this one has got so far as to take it over. */
  async #removeTakenOver(signal: AbortSignal): Promise<void> {
    if (this.#options.keeper.cachedPools.length === 0) return;
    for (const key of await this.#takenOver.remove(signal)) {
      await this.#deleteVersionsOf(key, signal);
    }
  }

  /** Deletes the versions of a checkpoint that was removed. */
  async #deleteVersionsOf(key: string, signal: AbortSignal): Promise<void> {
    const { notify, plan, versions } = this.#options;
    const [pool] = plan.pools;
    if (pool === undefined) return;
    try {
      await untilAborted(signal, () => versions.deleteOf(pool.store, key));
    } catch (error) {
      notify('warn', `⚠ Versions of ${key} may be left: ${summarizeError(error)}`);
    }
  }
}
