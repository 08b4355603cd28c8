import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { BenchError, systemCode } from '@sai3bench/errors';
import type { KeptText } from './kept-texts.ts';

/**
 * Writes a file so that it is either absent (or as it was before) or complete, also when the disk is full, the process
 * is killed or the host loses power: to a temporary name, flushed, then renamed.
 *
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function writeDurably(path: string, text: KeptText): void {
  replace(path, text, true);
}

/**
 * The same without waiting for the disk: a host that loses power may lose the file.
 *
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function writeWhole(path: string, text: KeptText): void {
  replace(path, text, false);
}

function replace(path: string, text: KeptText, flushes: boolean): void {
  const temporary = `${path}.tmp`;
  try {
    if (flushes) writeFlushed(temporary, text);
    else writeFileSync(temporary, text, { mode: 0o644 });
    renameSync(temporary, path);
    if (flushes) flushDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(path, error);
  }
}

/**
 * Writes a file like {@link writeDurably}, but leaves it to the operating system when it reaches the disk: it survives the
 * end of the process, and after a power loss it may be as it was a little earlier.
 *
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function writeAtomically(path: string, text: KeptText): void {
  const temporary = `${path}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(path, error);
  }
}

/**
 * Writes over a file that is there: takes no room that it has not got, but leaves a mixture of both when it is cut short.
 *
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function overwrite(path: string, text: KeptText): void {
  try {
    const file = openSync(path, 'r+');
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Makes a directory, unless it is there. What it lies in is not made: where that is gone, so are the results.
 *
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function ensureDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw writeError(path, error);
  }
}

/**
 * Makes sure that a file which was written is still there.
 *
 * @throws BenchError `RESULTS_WRITE_FAILED`
 */
export function ensureThere(path: string): void {
  identityOf(path);
}

/** What tells a file from another of the same name. */
function identityOf(path: string): { readonly dev: number; readonly ino: number } {
  try {
    return statSync(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

function goneError(path: string, cause?: unknown): BenchError {
  return new BenchError(`${path} is gone: it, or what it lay in, was removed, moved or replaced`, {
    code: 'RESULTS_WRITE_FAILED',
    class: 'resource',
    hint: 'what was in it is lost: run it again, and leave the results directory alone until the run has ended',
    cause,
  });
}

function writeError(path: string, cause: unknown): BenchError {
  if (systemCode(cause) === 'ENOENT') return goneError(path, cause);
  return new BenchError(`cannot write ${path}`, {
    code: 'RESULTS_WRITE_FAILED',
    class: 'resource',
    hint: 'the file system of the results directory is full or read-only; choose another with --results-dir',
    cause,
  });
}

function writeFlushed(path: string, text: KeptText): void {
  const file = openSync(path, 'w', 0o644);
  try {
    writeFileSync(file, text); // Unlike writeSync, goes on after a short write.
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Flushes the entries of a directory, so that a rename survives a power loss. */
function flushDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Without making it. */
const TO_APPEND = constants.O_WRONLY | constants.O_APPEND;

/**
 * A file that only grows. Each piece is with the operating system when `append` returns, so that nothing is lost when
 * the process is killed; {@link flush} makes it survive a power loss. It is made once: when somebody removes it, it is not made
 * anew without what was in it.
 */
export class AppendFile {
  readonly #path: string;
  readonly #staysOpen: boolean;
  #file: number | undefined;
  #isMade = false;
  #closed = false;
  #sizeBytes: number;

  /**
   * @param keepBytes how much of a file that is there already is kept; all of it when absent
   * @param staysOpen whether it is open all the time; otherwise it is opened for each piece, which of thousands of files
   *   is the way to have them
   * @throws BenchError `RESULTS_WRITE_FAILED`, as all its methods
   */
  constructor(path: string, keepBytes?: number, staysOpen = true) {
    this.#path = path;
    this.#staysOpen = staysOpen;
    this.#sizeBytes = this.#with((file) => {
      this.#isMade = true;
      const { size } = fstatSync(file);
      if (keepBytes === undefined || keepBytes >= size) return size;
      ftruncateSync(file, keepBytes);
      return keepBytes;
    });
  }

  /** How long the file is. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(text: KeptText): void {
    if (this.#closed) return;
    this.#with((file) => {
      writeFileSync(file, text);
      this.#sizeBytes += Buffer.byteLength(text);
    });
  }

  flush(): void {
    if (this.#closed) return;
    this.#with(fsyncSync);
    this.ensureThere();
  }

  /** Makes sure that what was written can be found: a file that is open can be written to when it has no name any more. */
  ensureThere(): void {
    const there = identityOf(this.#path);
    if (this.#file === undefined) return;
    const { dev, ino } = fstatSync(this.#file);
    if (there.dev !== dev || there.ino !== ino) throw goneError(this.#path);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #with<Result>(act: (file: number) => Result): Result {
    try {
      const file = this.#file ?? openSync(this.#path, this.#isMade ? TO_APPEND : 'a', 0o644);
      if (this.#staysOpen) this.#file = file;
      try {
        return act(file);
      } finally {
        if (!this.#staysOpen) closeSync(file);
      }
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}
