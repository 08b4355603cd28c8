import { existsSync, mkdir, mkdirSync, rmdirSync, stat, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { systemCode } from '@sai3bench/errors';
import type { BenchError } from '@sai3bench/errors';
import { type DirectoryCalls, makeDirectories } from '@sai3bench/store-uri';
import { fileError } from './file-error.ts';
import type { SystemError } from './system-error.ts';

/** Told how many of the directories to be removed have been tried. */
export type RemovalProgress = (tried: number, total: number) => void;

/** How often a directory is tried whose parent somebody else removes meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Makes directories on demand and remembers which ones did not exist before, so that they can be removed. Each by a call
 * of its own: a recursive mkdir of Node.js never returns where the file system says of a directory that it cannot make, that
 * there is none (in /proc, or where directories are mounted on demand).
 */
export class MadeDirectories {
  readonly #made = new Set<string>();
  readonly #calls: DirectoryCalls = {
    mkdir: (path) => {
      mkdirSync(path);
      this.#made.add(resolve(path));
    },
    stat: statSync,
  };

  /** Makes the directory that the file at `path` lies in, with all its parents, by a blocking call. */
  makeParentOfSync(path: string): void {
    this.makeSync(dirname(path));
  }

  /** Makes a directory with all its parents by blocking calls: by one where its parent is there. */
  makeSync(directory: string): void {
    makeDirectories(directory, this.#calls);
  }

  /** Makes the directory that the file at `path` lies in, with all its parents, through the thread pool. */
  makeParentOf(path: string, done: (error: SystemError) => void): void {
    this.make(dirname(path), done);
  }

  /** Makes a directory with all its parents through the thread pool: by one call where its parent is there. */
  make(directory: string, done: (error: SystemError) => void): void {
    this.#attempt(directory, 1, done);
  }

  #attempt(directory: string, attempt: number, done: (error: SystemError) => void): void {
    mkdir(directory, (error) => {
      if (error === null) {
        this.#made.add(resolve(directory));
        done(null);
      } else if (error.code === 'EEXIST') {
        stat(directory, (statError, found) => {
          done(statError === null && found.isDirectory() ? null : error);
        });
      } else if (error.code === 'ENOENT' && attempt < MAX_ATTEMPTS) {
        this.makeParentOf(directory, (parentError) => {
          if (parentError === null) this.#attempt(directory, attempt + 1, done);
          else done(parentError);
        });
      } else {
        done(error);
      }
    });
  }

  /**
   * Removes what was made, children first, as far as it is empty.
   *
   * @param onProgress told how many directories have been tried
   * @returns why the others are left
   */
  removeEmpty(onProgress: RemovalProgress): BenchError[] {
    this.#forgetGone();
    const total = this.#made.size;
    let tried = 0;
    return [...this.#made]
      .toSorted()
      .toReversed()
      .flatMap((directory) => {
        onProgress(++tried, total);
        try {
          rmdirSync(directory);
        } catch (error) {
          if (systemCode(error) !== 'ENOENT') {
            return [fileError('RMDIR', directory, error)];
          }
        }
        this.#made.delete(directory);
        return [];
      });
  }

  /** Forgets directories that somebody else has removed: of those below them none has to be looked at. */
  #forgetGone(): void {
    let gone: string | undefined;
    for (const directory of [...this.#made].toSorted(byParts)) {
      const isBelow = gone !== undefined && directory.startsWith(gone + sep);
      if (!isBelow) gone = existsSync(directory) ? undefined : directory;
      if (gone !== undefined) this.#made.delete(directory);
    }
  }
}

/** Directories directly before all that lie in them, whatever characters come before a separator. */
function byParts(one: string, other: string): number {
  const [first, second] = [one, other].map((path) => path.replaceAll(sep, '\0'));
  return first === second ? 0 : (first ?? '') < (second ?? '') ? -1 : 1;
}
