import { existsSync, mkdir, mkdirSync, rmdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { BenchError } from '@sai3bench/errors';
import { fileError } from './file-error.ts';
import type { SystemError } from './file-transfer.ts';

/** Told how many of the directories to be removed have been tried. */
export type RemovalProgress = (tried: number, total: number) => void;

/** Makes directories on demand and remembers which ones did not exist before, so that they can be removed. */
export class MadeDirectories {
  readonly #made = new Set<string>();

  /** Makes the directory that the file at `path` lies in, with all its parents, by a blocking call. */
  makeParentOfSync(path: string): void {
    this.makeSync(dirname(path));
  }

  /** Makes a directory with all its parents by a blocking call. */
  makeSync(directory: string): void {
    this.#remember(mkdirSync(directory, { recursive: true }), directory);
  }

  /** Makes the directory that the file at `path` lies in, with all its parents, through the thread pool. */
  makeParentOf(path: string, done: (error: SystemError) => void): void {
    this.make(dirname(path), done);
  }

  /** Makes a directory with all its parents through the thread pool. */
  make(directory: string, done: (error: SystemError) => void): void {
    mkdir(directory, { recursive: true }, (error, first) => {
      if (error === null) this.#remember(first, directory);
      done(error);
    });
  }

  /** @param first the uppermost directory that was made on the way to `directory`; undefined for none */
  #remember(first: string | undefined, directory: string): void {
    if (first === undefined) return;
    this.#made.add(first);
    let current = first;
    for (const part of relative(first, directory).split(sep).filter(Boolean)) {
      current = join(current, part);
      this.#made.add(current);
    }
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
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
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
