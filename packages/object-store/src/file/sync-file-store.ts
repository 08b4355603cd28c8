import {
  closeSync,
  constants,
  type Dirent,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { BenchError } from '@sai3bench/errors';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { ListEntry, StoreRequest } from '../store-request.ts';
import { fileError, isNothingThere, rootError, unsafeKey } from './file-error.ts';
import { couldHold, CREATE_FLAGS, directoryOf, FILE_MODE, isSafeKey } from './file-keys.ts';
import { MadeDirectories } from './made-directories.ts';

/**
 * Files below a directory, by blocking calls: the fastest way to work on files from a thread that has one
 * operation in flight, because nothing is handed to another thread and back. A PUT is open, write, close: its
 * data is in the page cache afterwards, not necessarily on the device.
 *
 * Calls block the thread, for ever where a mount hangs: use it only in worker threads of a process that can be
 * killed.
 */
export class SyncFileStore implements ObjectStore {
  readonly uri: string;
  readonly #root: string;
  readonly #nowNs: () => number;
  readonly #chunkBytes: number;
  readonly #directories = new MadeDirectories();
  readonly #readBuffer: Buffer;

  /** @param root absolute path, ending with a slash */
  constructor(uri: string, root: string, options: Pick<StoreOptions, 'nowNs' | 'chunkBytes'>) {
    this.uri = uri;
    this.#root = root;
    this.#nowNs = options.nowNs;
    this.#chunkBytes = options.chunkBytes ?? MAX_CHUNK_BYTES;
    this.#readBuffer = Buffer.allocUnsafeSlow(this.#chunkBytes);
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
        this.#get(request, path);
        return;
      case 'PUT':
        this.#put(request, path);
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
        this.#directories.make(path);
        return;
      case 'RMDIR':
        rmdirSync(path);
        return;
    }
  }

  #get(request: StoreRequest, path: string): void {
    const file = openSync(path, constants.O_RDONLY);
    try {
      for (;;) {
        // One byte more than expected, so that a file of the expected length needs no second call to find its end.
        const wanted =
          request.sizeBytes >= 0 ? request.sizeBytes - request.bytes + 1 : this.#chunkBytes;
        const length = Math.min(Math.max(wanted, 1), this.#chunkBytes);
        const read = readSync(file, this.#readBuffer, 0, length, null);
        if (read === 0) return;
        if (request.firstByteNs === 0) request.firstByteNs = this.#nowNs();
        request.onData?.(this.#readBuffer.subarray(0, read), request.bytes);
        request.bytes += read;
        if (read < length && request.bytes === request.sizeBytes) return;
      }
    } finally {
      closeSync(file);
    }
  }

  #put(request: StoreRequest, path: string): void {
    const { payload, sizeBytes } = request;
    let chunk = payload?.chunk(0, Math.min(sizeBytes, this.#chunkBytes));
    request.startNs = this.#nowNs();
    const file = this.#openForWriting(path);
    try {
      while (chunk !== undefined && request.bytes < sizeBytes) {
        writeFully(file, chunk);
        request.bytes += chunk.length;
        if (request.bytes < sizeBytes) {
          chunk = payload?.chunk(
            request.bytes,
            Math.min(sizeBytes - request.bytes, this.#chunkBytes),
          );
        }
      }
    } finally {
      closeSync(file);
    }
  }

  #openForWriting(path: string): number {
    try {
      return openSync(path, CREATE_FLAGS, FILE_MODE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#directories.makeParentOf(path);
      return openSync(path, CREATE_FLAGS, FILE_MODE);
    }
  }

  #list(request: StoreRequest): void {
    const pending = [directoryOf(request.key)];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      for (const entry of this.#read(directory)) {
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

  /** A directory's entries; none when it is not there: directories are no objects, they come and go with them. */
  #read(directory: string): Dirent[] {
    try {
      return readdirSync(this.#root + directory, { withFileTypes: true });
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

  removeMadeDirectories(): readonly BenchError[] {
    return this.#directories.removeEmpty();
  }

  close(): void {
    // No file stays open between operations.
  }
}

function writeFully(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(file, bytes, written, bytes.length - written);
  }
}
