import type { Choice, IndexRange, KnownRange } from '../snapshot/known-range.ts';
import type { PoolWriter } from './pool-writer.ts';

/** What was found about an attached range. */
export interface AttachReport {
  /** Whose states were taken: sources are the cache's own pieces, then the others that were given. */
  readonly restored: readonly Choice[];
  /** Ranges whose states in the cache were damaged: they are `unknown` now. */
  readonly damaged: readonly IndexRange[];
  /**
   * Ranges that may name objects `created` which the storage has lost, if it is a file system of this machine: the
   * machine was booted since, and they were written after the storage was last synced. Verify those, then sync.
   */
  readonly suspect: readonly IndexRange[];
}

/** What a pool asks of its cache. */
export interface PoolOwner {
  /** Number of the last flush. */
  sequence(): number;
  readonly bootId: string;
}

/** A range of a pool that a cache keeps. */
export class CachedPool {
  readonly report: AttachReport;
  readonly #writer: PoolWriter;
  readonly #owner: PoolOwner;
  #syncSequence: number | undefined;

  constructor(writer: PoolWriter, report: AttachReport, owner: PoolOwner) {
    this.report = report;
    this.#writer = writer;
    this.#owner = owner;
  }

  /** The range, and how recent what was flushed of it is. */
  get known(): KnownRange {
    return this.#writer.known;
  }

  /** Say this before the storage is synced, as with syncfs(2)... */
  beginSync(): void {
    this.#writer.unsynced.beginSync();
    this.#syncSequence = this.#owner.sequence();
  }

  /** ... and this once it is: what was flushed before {@link beginSync} need not be verified after a reboot. */
  synced(): void {
    if (this.#syncSequence === undefined) return;
    this.#writer.unsynced.endSync();
    this.#writer.synced(this.#syncSequence, this.#owner.bootId);
    this.#syncSequence = undefined;
  }
}
