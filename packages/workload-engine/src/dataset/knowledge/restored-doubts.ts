import { type AttachReport, type Choice, olderStates } from '@sai3bench/metadata-cache';
import { formatCount } from '@sai3bench/units';
import type { Notify } from '../notify.ts';
import type { KeptPool } from '../pools/kept-pool.ts';
import type { KnownStates } from './known-states.ts';

/** Puts into doubt what may not hold of the states that a pool was just given, and tells how much that is. */
export class RestoredDoubts {
  readonly #pool: KeptPool;
  /** Whom the states are from. */
  readonly #known: readonly KnownStates[];
  readonly #notify: Notify;

  constructor(pool: KeptPool, known: readonly KnownStates[], notify: Notify) {
    this.#pool = pool;
    this.#known = known;
    this.#notify = notify;
  }

  /** Whether the newest says nothing of objects that were ours by what was known earlier; to be asked before all else. */
  async recall(): Promise<void> {
    const sources = this.#known.map(({ source }) => source);
    const earlier = await olderStates(this.#pool.states, this.#begin, sources);
    const recalled = earlier === undefined ? 0 : this.#pool.recall(earlier);
    if (recalled === 0) return;
    this.#notify(
      'info',
      `${formatCount(recalled)} objects were made of which the newest that is known says nothing: they are verified`,
    );
  }

  /** What those who said it may not know the end of. */
  doubtOutdated(restored: readonly Choice[]): void {
    let perhapsGone = 0;
    const perhapsMade = new Map<string, number>();
    for (const choice of restored) {
      const { copy = '', doubtful = [] } = this.#known[choice.source] ?? {};
      for (const state of doubtful) {
        const count = this.#pool.doubt(state, choice.begin - this.#begin, choice.end - this.#begin);
        if (state === 'created') perhapsGone += count;
        else if (count > 0) perhapsMade.set(copy, (perhapsMade.get(copy) ?? 0) + count);
      }
    }
    for (const [copy, count] of perhapsMade) {
      this.#notify(
        'info',
        `More may have been made since ${copy}: ${formatCount(count)} objects are verified`,
      );
    }
    if (perhapsGone === 0) return;
    this.#notify(
      'warn',
      `⚠ More may have been deleted than was written down: ${formatCount(perhapsGone)} objects are verified`,
    );
  }

  /** What the cache, or the storage when this host was restarted, may have lost. */
  doubtLost({ damaged, suspect }: AttachReport): void {
    const pool = this.#pool;
    if (damaged.length > 0) {
      const count = damaged.reduce((sum, range) => sum + range.end - range.begin, 0);
      for (const { begin, end } of damaged) pool.lost(begin - this.#begin, end - this.#begin);
      this.#notify(
        'warn',
        `⚠ The cache is damaged: what it knew of ${formatCount(count)} objects is verified`,
      );
    }
    if (!pool.isOnFiles) return;
    let lost = 0;
    for (const { begin, end } of suspect) {
      lost += pool.doubt('created', begin - this.#begin, end - this.#begin);
    }
    if (lost === 0) return;
    this.#notify(
      'warn',
      `⚠ This host was restarted since ${formatCount(lost)} files were written: they are verified`,
    );
  }

  /** Number in the dataset of the pool's first object here. */
  get #begin(): number {
    return this.#pool.objects.plan.own.begin;
  }
}
