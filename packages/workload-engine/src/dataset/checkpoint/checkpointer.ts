import { join } from 'node:path';
import { summarizeError, BenchError } from '@sai3bench/errors';
import { writeCheckpoint } from '@sai3bench/metadata-cache';
import type { DatasetLimits } from '../dataset-limits.ts';
import type { Notify } from '../notify.ts';
import type { DatasetKeeper } from '../pools/dataset-keeper.ts';
import { TimeLimit, tooLate, untilAborted } from '../time-limit.ts';
import type { CheckpointStore } from './checkpoint-store.ts';

/** What a checkpointer works with. */
export interface CheckpointerOptions {
  readonly keeper: DatasetKeeper;
  readonly store: CheckpointStore;
  /** Of the cache; snapshots are made there. */
  readonly directory: string;
  readonly agentId: string;
  /** 0 for none but the last. */
  readonly intervalMs: number;
  readonly limits: Pick<DatasetLimits, 'checkpointMs' | 'holdUpMs'>;
  /** Ends whatever is under way, because the run is stopped. */
  readonly stopping: AbortSignal;
  readonly notify: Notify;
}

/** What has become of a checkpoint that is to tell nothing more of the run's objects: it may still do so if it is left. */
export type Removal = 'removed' | 'rewritten' | 'left';

/**
 * Keeps copies of what is known of the objects in the storage under test, so that a run can be resumed on another host.
 * A copy that fails is told and made again at the next turn; it never fails the run, and none outlives it.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  /** Of the one that is under way. */
  #limit: TimeLimit | undefined;
  /** What the last one told. */
  #written = '';
  #failures = 0;
  #isCurrent = false;
  #isLeftTold = false;
  /** Whether there is something to tell of the run's own objects. */
  #tellsOwn = true;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Whether the last attempt found that all is told, or told it. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  start(): void {
    const { intervalMs } = this.#options;
    this.#tellsOwn = true;
    if (intervalMs === 0 || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      void this.#begin();
    }, intervalMs);
  }

  /**
   * Makes a checkpoint of what is known now, if anything has changed since the last. Waits for it no longer than stages
   * may be held up: then it goes on by itself.
   */
  async write(): Promise<void> {
    const { limits, stopping } = this.#options;
    const patience = new TimeLimit(limits.holdUpMs, stopping);
    try {
      // One that is under way may not tell what is known now.
      await untilAborted(patience.signal, async () => this.#underWay);
      await untilAborted(patience.signal, () => this.#begin());
    } catch (error) {
      if (!patience.signal.aborted) throw error;
    } finally {
      patience.off();
    }
  }

  /**
   * Makes the last checkpoint of the run.
   *
   * @param settleMs for one that is under way
   * @param signal ends all of it
   */
  async finish(settleMs: number, signal: AbortSignal): Promise<void> {
    // Where one has hung, the next would hang too.
    if (await this.#settle(settleMs, signal)) await this.#writeLast(signal);
  }

  /**
   * Removes the checkpoint, because nothing is left of the run's objects that it could tell. What it tells of others
   * stays.
   *
   * @param settleMs for one that is under way
   * @param signal ends all of it
   */
  async remove(settleMs: number, signal: AbortSignal): Promise<Removal> {
    await this.#settle(settleMs, signal);
    if (this.#options.store.ownIsUnread) {
      this.#tellLeft();
      return 'left';
    }
    if (this.#options.keeper.foreign.length > 0) {
      this.#tellsOwn = false;
      await this.#writeLast(signal);
      return this.#isCurrent ? 'rewritten' : 'left';
    }
    try {
      await this.#options.store.remove(signal);
      return 'removed';
    } catch (error) {
      this.#trouble(error, 'removed');
      return 'left';
    }
  }

  /** Begins no other checkpoint, and waits for one that is under way; false when that took too long. */
  async #settle(settleMs: number, signal: AbortSignal): Promise<boolean> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const patience = new TimeLimit(settleMs, signal);
    const inTime = await this.#await(this.#underWay, patience.signal);
    patience.off();
    return inTime;
  }

  async #writeLast(signal: AbortSignal): Promise<void> {
    await this.#await(this.#begin(), signal);
  }

  /** Waits for the checkpoint that is under way, and ends it when it takes too long; false then. */
  async #await(underWay: Promise<void> | undefined, signal: AbortSignal): Promise<boolean> {
    if (underWay === undefined) return true;
    const giveUp = (): void => this.#limit?.end();
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    await underWay;
    signal.removeEventListener('abort', giveUp);
    return !signal.aborted;
  }

  /** Begins a checkpoint, unless one is under way; never rejects. */
  #begin(): Promise<void> {
    if (this.#options.stopping.aborted) return Promise.resolve();
    this.#underWay ??= this.#write().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #write(): Promise<void> {
    const { agentId, directory, keeper, limits, stopping, store } = this.#options;
    if (store.ownIsUnread) {
      this.#tellLeft();
      return;
    }
    const limit = new TimeLimit(limits.checkpointMs, stopping);
    const { signal } = limit;
    this.#limit = limit;
    this.#isCurrent = false;
    try {
      const path = join(directory, 'checkpoint.tar.zst');
      let told = this.#written;
      const isFlushed = await untilAborted(signal, () => keeper.flush());
      await keeper.whileCertain(async () => {
        const pools = this.#tellsOwn ? keeper.cachedPools : [];
        const { foreign } = keeper;
        const now = JSON.stringify(pools.map(({ marks, range }) => [range, marks]));
        if (pools.length + foreign.length === 0 || now === told) {
          this.#isCurrent = isFlushed;
          return;
        }
        const createdAt = new Date();
        const content = { agent: agentId, bootId: '', createdAt, pools, foreign };
        await writeCheckpoint(path, content, signal);
        told = now;
      });
      if (told === this.#written) return;
      await store.put(path, signal);
      this.#written = told;
      this.#failures = 0;
      this.#isCurrent = true;
    } catch (error) {
      if (!stopping.aborted) this.#trouble(signal.aborted ? tooLate() : error, 'written');
    } finally {
      limit.off();
      this.#limit = undefined;
    }
  }

  /** Told once. */
  #tellLeft(): void {
    if (this.#isLeftTold) return;
    this.#isLeftTold = true;
    this.#options.notify(
      'warn',
      `⚠ The checkpoint ${this.#options.store.key}, which could not be fetched, is left as it is: it may tell what nobody else knows`,
    );
  }

  /** Told once for failures in a row. */
  #trouble(error: unknown, what: string): void {
    if (this.#failures++ > 0) return;
    this.#options.notify(
      'warn',
      `⚠ The checkpoint ${this.#options.store.key} could not be ${what}; the run goes on, and it is tried again: ${summarizeError(BenchError.from(error))}`,
    );
  }
}
