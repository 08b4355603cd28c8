import { planDirectories, type PlannedDirectory } from '@sai3bench/datagen';
import { Permits } from '../side-store/permits.ts';
import type { FindOptions } from './find-options.ts';
import type { FoundNotes } from './found-objects.ts';

/** Directories that are remembered to be read later. With more, one is read by who has found it. */
const MAX_PENDING = 4_096;

/**
 * Looks for objects on files: each directory that is there and has some of them is read once, several side by side, and only of
 * objects that are there the length is asked for. Where a directory is missing, nothing below it is looked at. Memory does not
 * grow with the number of files or directories.
 */
export async function findInDirectories(options: FindOptions, notes: FoundNotes): Promise<void> {
  const { naming, own } = options.pool.objects.plan;
  await new DirectoryReader(options, notes).read(planDirectories(naming, own));
}

class DirectoryReader {
  readonly #options: FindOptions;
  readonly #notes: FoundNotes;
  /** For asking how long files are. */
  readonly #permits: Permits;
  readonly #pending: PlannedDirectory[] = [];
  /** The first failure ends everything, as the caller can. */
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  #reading = 0;
  #total = 0;
  #done = 0;

  constructor(options: FindOptions, notes: FoundNotes) {
    this.#options = options;
    this.#notes = notes;
    this.#permits = new Permits(options.concurrency);
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal]);
  }

  /** Reads a directory and all below it; the first failure ends all. */
  async read(root: PlannedDirectory): Promise<void> {
    this.#signal.throwIfAborted();
    this.#total = root.objectsBelow;
    this.#pending.push(root);
    await new Promise<void>((resolve, reject) => {
      this.#readPending(resolve, (error) => {
        this.#failure.abort(error);
        reject(error);
      });
    });
  }

  #readPending(resolve: () => void, reject: (error: Error) => void): void {
    if (this.#reading === 0 && this.#pending.length === 0) resolve();
    while (!this.#signal.aborted && this.#reading < this.#options.concurrency) {
      const directory = this.#pending.pop();
      if (directory === undefined) return;
      this.#reading++;
      this.#readOne(directory).then(() => {
        this.#reading--;
        this.#readPending(resolve, reject);
      }, reject);
    }
  }

  async #readOne(directory: PlannedDirectory): Promise<void> {
    const { pool, store } = this.#options;
    const { dataset, plan } = pool.objects;
    const path = plan.prefix + directory.path;
    const asking = new Set<Promise<void>>();
    // A directory is read again after a failure, and may be at several endpoints.
    const children = new Set<string>();
    let rest = directory.objectsBelow;
    await store.readDirectory(path, (name) => {
      this.#signal.throwIfAborted();
      const index = dataset.indexOf(path + name);
      if (index !== undefined) {
        if (!this.#notes.isWanted(index)) return undefined;
        rest--;
        return this.#ask(index, path + name, asking);
      }
      const child = children.has(name) ? undefined : directory.child(name);
      if (child === undefined) return undefined;
      children.add(name);
      rest -= child.objectsBelow;
      if (this.#pending.length >= MAX_PENDING) return this.#readOne(child);
      this.#pending.push(child);
      return undefined;
    });
    await Promise.all(asking);
    this.#signal.throwIfAborted();
    // What was not seen is not there, and nothing of it has to be looked at.
    this.#progress(Math.max(0, rest));
  }

  /** Asks for the length of an object; the promise is about when reading may go on, not about the answer. */
  #ask(index: number, key: string, asking: Set<Promise<void>>): Promise<void> | undefined {
    const waiting = this.#permits.take();
    const asked = (async () => {
      if (waiting !== undefined) await waiting;
      try {
        const sizeBytes = await this.#options.store.stat(key);
        if (sizeBytes !== undefined) this.#notes.note(index, sizeBytes);
        this.#progress(1);
      } finally {
        this.#permits.give();
      }
    })();
    asking.add(asked);
    asked.then(
      () => asking.delete(asked),
      // It stays among those that the directory waits for, and fails it.
      (error: unknown) => {
        this.#failure.abort(error);
      },
    );
    return waiting;
  }

  #progress(objects: number): void {
    this.#done = Math.min(this.#total, this.#done + objects);
    this.#options.onProgress(this.#done, this.#total);
  }
}
