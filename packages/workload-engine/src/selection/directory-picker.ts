import type { LiveSet } from '../memory/live-set.ts';
import type { Outcome } from '../stage/task-source.ts';
import type { Random } from './random.ts';

/** Operations on directories. */
export type DirectoryOperation = 'MKDIR' | 'RMDIR';

/**
 * Picks directories to make and to remove, by number: one that is made is not there yet, one that is removed is. A
 * directory that is being worked on is in neither set, and stays in neither when the operation fails, because nobody
 * knows then whether it is there.
 */
export class DirectoryPicker {
  readonly #present: LiveSet;
  readonly #absent: LiveSet;
  readonly #random: Random;

  /** @param present directories without anything in them, shared by all threads like `absent` */
  constructor(present: LiveSet, absent: LiveSet, random: Random) {
    this.#present = present;
    this.#absent = absent;
    this.#random = random;
  }

  /** A directory that nobody else gets meanwhile; -1 when there is none just now. */
  take(operation: DirectoryOperation): number {
    const from = operation === 'RMDIR' ? this.#present : this.#absent;
    for (;;) {
      const directory = from.any(this.#random);
      // Each turn of the loop that goes on was a success of another thread.
      if (directory < 0 || from.take(directory)) return directory;
    }
  }

  /** Notes how the operation on a directory that was taken has ended. */
  ended(operation: DirectoryOperation, directory: number, outcome: Outcome): void {
    if (outcome !== 'succeeded') return;
    (operation === 'RMDIR' ? this.#absent : this.#present).add(directory);
  }
}
