import { rm } from 'node:fs/promises';
import { BenchError, summarizeError } from '@sai3bench/errors';
import { MetadataCache } from '@sai3bench/metadata-cache';
import type { CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import type { Notify } from '../notify.ts';
import { readBootId } from '../pools/boot-id.ts';
import type { Foreignness } from './foreign-states.ts';

/** What agents that are no more have left. */
export interface TakenOverOptions {
  readonly checkpoints: CheckpointStore;
  /** Directories of their caches on this host. */
  readonly caches: readonly string[];
  readonly foreignness: Foreignness;
  readonly notify: Notify;
}

/**
 * Checkpoints and caches of agents that are no more: once the run's agents keep what is in them, they only tell what was.
 * Those that tell of something else too are left.
 */
export class TakenOver {
  readonly #options: TakenOverOptions;

  constructor(options: TakenOverOptions) {
    this.#options = options;
  }

  /**
   * Removes them. Never rejects: what is left is older than what is known, and does no harm.
   *
   * @param signal ends it
   * @returns keys of the checkpoints that are gone
   */
  async remove(signal: AbortSignal): Promise<readonly string[]> {
    const { caches, checkpoints, foreignness, notify } = this.#options;
    for (const directory of caches) await this.#removeCache(directory);
    const removed: string[] = [];
    for (const { checkpoint, key } of checkpoints.orphaned) {
      if (signal.aborted) break;
      if (foreignness.statesIn(checkpoint).length > 0) continue;
      try {
        await checkpoints.remove(signal, key);
        removed.push(key);
      } catch (error) {
        notify(
          'warn',
          `⚠ The checkpoint ${key} of an agent that is no more could not be removed: ${summarizeError(error)}`,
        );
      }
    }
    return removed;
  }

  async #removeCache(directory: string): Promise<void> {
    const { foreignness } = this.#options;
    try {
      const now = (): Date => new Date();
      const cache = await MetadataCache.open({ directory, bootId: readBootId(), now });
      const isOurs = cache.identities().every((identity) => !foreignness.isIn(cache, identity));
      await cache.close();
      if (isOurs) await rm(directory, { recursive: true, force: true });
    } catch (error) {
      // Another run has it now, or it cannot be read.
      if (!BenchError.is(error)) throw error;
    }
  }
}
