import { type Dir, type Dirent, rm, rmdir, stat, unlink } from 'node:fs';
import { opendir, readdir, stat as statPromise } from 'node:fs/promises';
import { BenchError, systemCode } from '@sai3bench/errors';
import type { FileUri } from '@sai3bench/store-uri';
import type { FileStoreOptions, ObjectStore } from '../object-store.ts';
import type { ListEntry, StoreRequest } from '../store-request.ts';
import { CachedAsyncTransfer } from './cached-async-transfer.ts';
import type { Cancellation } from './cancellation.ts';
import { DirectAsyncTransfer } from './direct-async-transfer.ts';
import { behindEnd, fileError, isNothingThere, rootError, unsafeKey } from './file-error.ts';
import { couldHold, directoryOf, isSafeKey } from './file-keys.ts';
import { type AsyncTransfer, transferOptions } from './file-transfer.ts';
import { MadeDirectories, type RemovalProgress } from './made-directories.ts';

/** Entries of a directory that are read at once. */
const READ_OPTIONS = { bufferSize: 1024 };

/**
 * Files below a directory, through libuv's thread pool: for more operations in flight than there can be threads
 * of our own. An operation costs several times what it costs in {@link SyncFileStore}. As many are really
 * under way at once as UV_THREADPOOL_SIZE says.
 */
export class AsyncFileStore implements ObjectStore {
  readonly uri: string;
  readonly #root: string;
  readonly #nowNs: () => number;
  readonly #directories: MadeDirectories;
  readonly #transfer: AsyncTransfer;
  readonly #cancellation: Cancellation;

  constructor(
    uri: string,
    { path, scheme }: FileUri,
    options: FileStoreOptions,
    directories = new MadeDirectories(),
  ) {
    this.uri = uri;
    this.#root = path;
    this.#nowNs = options.nowNs;
    this.#directories = directories;
    const transfer = transferOptions(options, directories);
    this.#cancellation = transfer.cancellation;
    this.#transfer =
      scheme === 'direct' ? new DirectAsyncTransfer(transfer) : new CachedAsyncTransfer(transfer);
  }

  submit(request: StoreRequest): void {
    request.error = undefined;
    request.firstByteNs = 0;
    request.bytes = 0;
    request.entries = 0;
    const path = this.#root + request.key;
    if (!isSafeKey(request.key)) {
      request.startNs = this.#nowNs();
      queueMicrotask(() => {
        this.#finish(request, path, unsafeKey(request.key));
      });
      return;
    }
    this.#perform(request, path);
  }

  #perform(request: StoreRequest, path: string): void {
    const done = (error: unknown): void => {
      this.#finish(request, path, error);
    };
    request.startNs = this.#nowNs();
    switch (request.operation) {
      case 'GET':
        this.#transfer.get(request, path, (error) => {
          done(error ?? behindEnd(request, path));
        });
        return;
      case 'PUT':
        this.#transfer.put(request, path, done);
        return;
      case 'STAT':
        stat(path, (error, stats) => {
          if (error === null) request.bytes = stats.size;
          done(error);
        });
        return;
      case 'DELETE':
        unlink(path, done);
        return;
      case 'LIST':
        this.#list(request).then(() => {
          done(null);
        }, done);
        return;
      case 'MKDIR':
        this.#directories.make(path, done);
        return;
      case 'RMDIR':
        if (request.recursive) rm(path, { recursive: true }, done);
        else rmdir(path, done);
        return;
    }
  }

  #finish(request: StoreRequest, path: string, error: unknown): void {
    if (error !== null && error !== undefined) {
      request.error = BenchError.is(error) ? error : fileError(request.operation, path, error);
    }
    request.endNs = this.#nowNs();
    request.onComplete(request);
  }

  async #list(request: StoreRequest): Promise<void> {
    const pending = [directoryOf(request.key)];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      for await (const entry of this.#read(directory, request.onEntry !== undefined)) {
        const key = directory + entry.name;
        if (entry.isDirectory()) {
          if (couldHold(`${key}/`, request.key)) pending.push(`${key}/`);
        } else if (key.startsWith(request.key)) {
          request.entries++;
          if (request.onEntry !== undefined) await this.#report(request.onEntry, key);
        }
      }
    }
  }

  /**
   * A directory's entries; none when it is not there: directories are no objects, they come and go with them.
   *
   * @param streamed whether memory must not grow with their number, which takes longer where there are few
   */
  async *#read(directory: string, streamed: boolean): AsyncGenerator<Dirent> {
    const path = this.#root + directory;
    try {
      yield* streamed
        ? await opendir(path, READ_OPTIONS)
        : await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (!isNothingThere(error)) throw error;
      await this.#requireRoot();
    }
  }

  async readDirectory(
    key: string,
    onName: (name: string) => Promise<void> | undefined,
  ): Promise<boolean> {
    const path = this.#root + key;
    let entries: Dir;
    try {
      entries = await opendir(path, READ_OPTIONS);
    } catch (error) {
      if (isNothingThere(error)) return false;
      throw fileError('LIST', path, error);
    }
    const next = async (): Promise<Dirent | null> => {
      try {
        return await entries.read();
      } catch (error) {
        throw fileError('LIST', path, error);
      }
    };
    try {
      for (let entry = await next(); entry !== null; entry = await next()) {
        const pause = onName(entry.name);
        if (pause !== undefined) await pause;
      }
    } finally {
      await entries.close();
    }
    return true;
  }

  async #requireRoot(): Promise<void> {
    try {
      await statPromise(this.#root);
    } catch (error) {
      throw rootError(this.#root, error);
    }
  }

  async #report(onEntry: (entry: ListEntry) => void, key: string): Promise<void> {
    try {
      const { size } = await statPromise(this.#root + key);
      onEntry({ key, sizeBytes: size });
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }

  cancelAll(): void {
    // A call that is with the system cannot be taken back; one that never returns is ended with the process that hosts it.
    this.#cancellation.count++;
  }

  removeMadeDirectories(onProgress: RemovalProgress): readonly BenchError[] {
    return this.#directories.removeEmpty(onProgress);
  }

  close(): void {
    // No file stays open between operations.
  }
}
