import { BenchError, summarizeError } from '@sai3bench/errors';
import type { MetadataCache } from '@sai3bench/metadata-cache';
import type { Notify } from '../notify.ts';

/** The agent's cache as a run writes to it: that this fails ends no run, and is said once until it works again. */
export class KeptCache {
  readonly #cache: MetadataCache | undefined;
  readonly #notify: Notify;
  #hasFailed = false;

  /** @param cache undefined where nothing is kept */
  constructor(cache: MetadataCache | undefined, notify: Notify) {
    this.#cache = cache;
    this.#notify = notify;
  }

  /** @returns whether it is written; also where nothing is kept */
  async write(act: (cache: MetadataCache) => Promise<unknown>): Promise<boolean> {
    if (this.#cache === undefined) return true;
    try {
      await act(this.#cache);
      this.#hasFailed = false;
      return true;
    } catch (error) {
      if (this.#hasFailed) return false;
      this.#hasFailed = true;
      this.#notify(
        'warn',
        `⚠ What exists cannot be written down, so that a resumed run will make more again: ${summarizeError(BenchError.from(error))}`,
      );
      return false;
    }
  }
}
