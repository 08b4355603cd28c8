import { join } from 'node:path';
import { summarizeError, BenchError } from '@sai3bench/errors';
import { writeCheckpoint } from '@sai3bench/metadata-cache';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { DatasetKeeper, Notify } from './dataset-keeper.ts';

/** How long one checkpoint may take, from its snapshot to the end of its upload. */
const LIMIT_MS = 120_000;
/** The last one of a run holds up the end of the run. */
const LAST_LIMIT_MS = 5_000;

/** What a checkpointer works with. */
export interface CheckpointerOptions {
  readonly keeper: DatasetKeeper;
  readonly store: CheckpointStore;
  /** Of the cache; snapshots are made there. */
  readonly directory: string;
  readonly agentId: string;
  /** 0 for none but the last. */
  readonly intervalMs: number;
  readonly notify: Notify;
}

/**
 * Keeps copies of what is known of the objects in the storage under test, so that a run can be resumed on another host.
 * A copy that fails is told and made again at the next turn; it never fails the run, and none outlives it.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** Ends the checkpoint that is under way. */
  #giveUp: (() => void) | undefined;
  #underWay: Promise<void> | undefined;
  /** What the last one told. */
  #written = '';
  #failures = 0;
  /** Whether there is something to tell of the run's own objects. */
  #tellsOwn = true;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Checkpoints that failed so far. */
  get failures(): number {
    return this.#failures;
  }

  start(): void {
    const { intervalMs } = this.#options;
    this.#tellsOwn = true;
    if (intervalMs === 0 || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      void this.write();
    }, intervalMs);
  }

  /** Makes a checkpoint if anything has changed since the last; waits for one that is under way. */
  write(limitMs = LIMIT_MS): Promise<void> {
    this.#underWay ??= this.#write(limitMs).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Makes the last checkpoint of the run. */
  async finish(): Promise<void> {
    const inTime = await this.#settle();
    // Where one has hung, the next would hang too.
    if (inTime && !this.#abort.signal.aborted) await this.write(LAST_LIMIT_MS);
  }

  /** Begins no other checkpoint, and waits for one that is under way; false when that took too long. */
  async #settle(): Promise<boolean> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    let inTime = true;
    const limit = setTimeout(() => {
      inTime = false;
      this.#giveUp?.();
    }, LAST_LIMIT_MS);
    await this.#underWay;
    clearTimeout(limit);
    return inTime;
  }

  /**
   * Removes the checkpoint, because nothing is left of the run's objects that it could tell. What it tells of others
   * stays.
   *
   * @returns whether it is gone
   */
  async remove(): Promise<boolean> {
    await this.#settle();
    if (this.#options.keeper.foreign.length > 0) {
      this.#tellsOwn = false;
      await this.write(LAST_LIMIT_MS);
      return false;
    }
    try {
      await this.#options.store.remove();
      return true;
    } catch (error) {
      this.#trouble(error, 'removed');
      return false;
    }
  }

  /** Ends whatever is under way. */
  stop(): void {
    clearInterval(this.#timer);
    this.#abort.abort();
  }

  async #write(limitMs: number): Promise<void> {
    const { agentId, directory, keeper, store } = this.#options;
    const abort = new AbortController();
    const limit = setTimeout(() => {
      abort.abort();
    }, limitMs);
    this.#giveUp = () => {
      abort.abort();
    };
    const signal = AbortSignal.any([this.#abort.signal, abort.signal]);
    try {
      const path = join(directory, 'checkpoint.tar.zst');
      let told = this.#written;
      await raceAbort(keeper.flush(), signal);
      await keeper.whileCertain(async () => {
        const pools = this.#tellsOwn ? keeper.cachedPools : [];
        const { foreign } = keeper;
        const now = JSON.stringify(pools.map(({ marks, range }) => [range, marks]));
        if (pools.length + foreign.length === 0 || now === told) return;
        const createdAt = new Date();
        const content = { agent: agentId, bootId: '', createdAt, pools, foreign };
        await writeCheckpoint(path, content, signal);
        told = now;
      });
      if (told === this.#written) return;
      await raceAbort(store.put(path), signal);
      this.#written = told;
      this.#failures = 0;
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#trouble(error, 'written');
    } finally {
      clearTimeout(limit);
      this.#giveUp = undefined;
    }
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

/** Waits for work, but not beyond an abort. */
function raceAbort(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      reject(new BenchError('it took too long', { code: 'CHECKPOINT_TIMEOUT', class: 'timeout' }));
    };
    if (signal.aborted) late();
    signal.addEventListener('abort', late);
    work.then(resolve, reject);
  });
}
