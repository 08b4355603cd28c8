import {
  type Dirent,
  opendirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { BenchError } from '@sai3bench/errors';
import type { FileUri } from '@sai3bench/store-uri';
import type { FileStoreOptions, ObjectStore } from '../object-store.ts';
import type { ListEntry, StoreRequest } from '../store-request.ts';
import { CachedSyncTransfer } from './cached-sync-transfer.ts';
import { DirectSyncTransfer } from './direct-sync-transfer.ts';
import { behindEnd, fileError, isNothingThere, rootError, unsafeKey } from './file-error.ts';
import { couldHold, directoryOf, isSafeKey } from './file-keys.ts';
import { type SyncTransfer, transferOptions } from './file-transfer.ts';
import { MadeDirectories, type RemovalProgress } from './made-directories.ts';

/** Entries of a directory that are read at once where memory must not grow with their number. */
const ENTRIES_AT_ONCE = 1024;

/**
 * Files below a directory, by blocking calls: the fastest way to work on files from a thread that has one
 * operation in flight, because nothing is handed to another thread and back. A PUT is open, write, close: without
 * fsync its data is in the page cache afterwards, not necessarily on the device.
 *
 * Calls block the thread, for ever where a mount hangs: use it only in worker threads of a process that can be
 * killed.
 */
export class SyncFileStore implements ObjectStore {
  readonly uri: string;
  readonly #root: string;
  readonly #nowNs: () => number;
  readonly #directories: MadeDirectories;
  readonly #transfer: SyncTransfer;

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
    this.#transfer =
      scheme === 'direct' ? new DirectSyncTransfer(transfer) : new CachedSyncTransfer(transfer);
  }

  submit(request: StoreRequest): void {
    request.error = undefined;
    request.firstByteNs = 0;
    request.bytes = 0;
    request.entries = 0;
    const path = this.#root + request.key;
    request.startNs = this.#nowNs();
    try {
      if (!isSafeKey(request.key)) throw unsafeKey(request.key);
      this.#perform(request, path);
    } catch (error) {
      request.error = BenchError.is(error) ? error : fileError(request.operation, path, error);
    }
    request.endNs = this.#nowNs();
    request.onComplete(request);
  }

  #perform(request: StoreRequest, path: string): void {
    switch (request.operation) {
      case 'GET':
        this.#transfer.get(request, path);
        request.error = behindEnd(request, path);
        return;
      case 'PUT':
        this.#transfer.put(request, path);
        return;
      case 'STAT':
        request.bytes = statSync(path).size;
        return;
      case 'DELETE':
        unlinkSync(path);
        return;
      case 'LIST':
        this.#list(request);
        return;
      case 'MKDIR':
        this.#directories.makeSync(path);
        return;
      case 'RMDIR':
        if (request.recursive) rmSync(path, { recursive: true });
        else rmdirSync(path);
        return;
    }
  }

  #list(request: StoreRequest): void {
    const pending = [directoryOf(request.key)];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      for (const entry of this.#read(directory, request.onEntry !== undefined)) {
        const key = directory + entry.name;
        if (entry.isDirectory()) {
          if (couldHold(`${key}/`, request.key)) pending.push(`${key}/`);
        } else if (key.startsWith(request.key)) {
          request.entries++;
          if (request.onEntry !== undefined) this.#report(request.onEntry, key);
        }
      }
    }
  }

  /**
   * A directory's entries; none when it is not there: directories are no objects, they come and go with them.
   *
   * @param streamed whether memory must not grow with their number, which takes longer where there are few
   */
  #read(directory: string, streamed: boolean): Iterable<Dirent> {
    const path = this.#root + directory;
    try {
      return streamed ? streamEntries(path) : readdirSync(path, { withFileTypes: true });
    } catch (error) {
      if (!isNothingThere(error)) throw error;
      this.#requireRoot();
      return [];
    }
  }

  #requireRoot(): void {
    try {
      statSync(this.#root);
    } catch (error) {
      throw rootError(this.#root, error);
    }
  }

  #report(onEntry: (entry: ListEntry) => void, key: string): void {
    const stats = statSync(this.#root + key, { throwIfNoEntry: false });
    if (stats !== undefined) onEntry({ key, sizeBytes: stats.size });
  }

  cancelAll(): void {
    // A blocking call cannot be stopped from its own thread; the process that hosts it is killed instead.
  }

  removeMadeDirectories(onProgress: RemovalProgress): readonly BenchError[] {
    return this.#directories.removeEmpty(onProgress);
  }

  close(): void {
    // No file stays open between operations.
  }
}

/** The entries of a directory, which is opened at once and read as they are taken. */
function streamEntries(path: string): Iterable<Dirent> {
  const directory = opendirSync(path, { bufferSize: ENTRIES_AT_ONCE });
  return (function* () {
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        yield entry;
      }
    } finally {
      directory.closeSync();
    }
  })();
}
