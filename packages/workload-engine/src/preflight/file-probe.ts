import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const CONTENT = 'sai3bench-write-probe';
const OWNER_ONLY = 0o600;

/** A file and a directory that are made to see whether that works. What it has not made itself it never touches. */
export class FileProbe {
  readonly #file: string;
  readonly #directory: string;
  #fileIsThere = false;
  #directoryIsThere = false;

  /** @param names of the file and the directory in `parent`, which nobody else uses */
  constructor(parent: string, names: { readonly file: string; readonly directory: string }) {
    this.#file = join(parent, names.file);
    this.#directory = join(parent, names.directory);
  }

  /** Whether something of it is there. */
  get isThere(): boolean {
    return this.#fileIsThere || this.#directoryIsThere;
  }

  writeFile(): void {
    // Exclusive: a file of that name that somebody else has made stays as it is.
    const handle = openSync(
      this.#file,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      OWNER_ONLY,
    );
    this.#fileIsThere = true;
    try {
      writeSync(handle, CONTENT);
    } finally {
      closeSync(handle);
    }
  }

  makeDirectory(): void {
    mkdirSync(this.#directory);
    this.#directoryIsThere = true;
  }

  /** Removes both, as far as they are there; tries the second also where the first stays. */
  remove(): void {
    try {
      if (this.#fileIsThere) unlinkSync(this.#file);
      this.#fileIsThere = false;
    } finally {
      if (this.#directoryIsThere) rmdirSync(this.#directory);
      this.#directoryIsThere = false;
    }
  }
}
