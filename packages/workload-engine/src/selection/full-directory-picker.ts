import type { LiveSet } from '../memory/live-set.ts';
import type { Outcome } from '../stage/task-source.ts';
import type { LeafDirectories } from './leaf-directories.ts';
import type { StagePools } from './object-picker.ts';
import type { Random } from './random.ts';

/**
 * Picks directories to remove with the prepared files in them, each once. Nobody gets a file of a directory that is to be
 * removed any more, and it is not removed before those who have one have read it.
 */
export class FullDirectoryPicker {
  readonly #stage: StagePools;
  readonly #pool: number;
  readonly #leaves: LeafDirectories;
  readonly #full: LiveSet;
  readonly #random: Random;
  /** A directory whose files are taken, but perhaps still read; -1 for none. */
  #waiting = -1;

  /** @param full directories that are there, with files, shared by all threads */
  constructor(
    stage: StagePools,
    pool: number,
    leaves: LeafDirectories,
    full: LiveSet,
    random: Random,
  ) {
    this.#stage = stage;
    this.#pool = pool;
    this.#leaves = leaves;
    this.#full = full;
    this.#random = random;
  }

  /** Whether no directory is left. */
  get isEmpty(): boolean {
    return this.#waiting < 0 && this.#full.next(0) < 0;
  }

  /** A directory, which with its files is taken away from everybody else; -1 when there is none just now. */
  take(): number {
    if (this.#waiting < 0) this.#waiting = this.#takeAny();
    const directory = this.#waiting;
    if (directory < 0 || this.#isRead(directory)) return -1;
    this.#waiting = -1;
    // Whatever happens to the request: the files are not certain to be there any more.
    this.#setStates(directory, 'creating');
    return directory;
  }

  /** Notes how the removal of a directory has ended: when it failed, nobody knows which files are left. */
  ended(directory: number, outcome: Outcome): void {
    if (outcome === 'succeeded') this.#setStates(directory, 'deleted');
  }

  #takeAny(): number {
    for (;;) {
      const directory = this.#full.any(this.#random);
      if (directory < 0) return -1;
      // Each turn of the loop that goes on was a success of another thread.
      if (!this.#full.take(directory)) continue;
      const { live, pools } = this.#stage;
      const ownBegin = pools[this.#pool]?.plan.own.begin ?? 0;
      const { begin, end } = this.#leaves.ownFilesOf(directory);
      for (let file = begin; file < end; file++) live[this.#pool]?.take(file - ownBegin);
      return directory;
    }
  }

  #isRead(directory: number): boolean {
    const { begin, end } = this.#leaves.ownFilesOf(directory);
    for (let file = begin; file < end; file++) {
      if (this.#stage.leases.isHeld(this.#pool, file)) return true;
    }
    return false;
  }

  /** Those that were never made stay as they are. */
  #setStates(directory: number, state: 'creating' | 'deleted'): void {
    const objects = this.#stage.pools[this.#pool];
    const { begin, end } = this.#leaves.ownFilesOf(directory);
    for (let file = begin; file < end; file++) {
      if (objects?.stateOf(file) !== 'planned') objects?.setState(file, state);
    }
  }
}
