import { close, constants, type Dirent, open, read, rmdir, stat, unlink, write } from 'node:fs';
import { readdir, stat as statPromise } from 'node:fs/promises';
import { BenchError } from '@sai3bench/errors';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { ListEntry, StoreRequest } from '../store-request.ts';
import { fileError, isNothingThere, rootError, unsafeKey } from './file-error.ts';
import { couldHold, CREATE_FLAGS, directoryOf, FILE_MODE, isSafeKey } from './file-keys.ts';
import { MadeDirectories } from './made-directories.ts';

type SystemError = NodeJS.ErrnoException | null;

/**
 * Files below a directory, through libuv's thread pool: for more operations in flight than there can be threads
 * of our own. An operation costs several times what it costs in {@link SyncFileStore}. As many are really
 * under way at once as UV_THREADPOOL_SIZE says.
 */
export class AsyncFileStore implements ObjectStore {
  readonly uri: string;
  readonly #root: string;
  readonly #nowNs: () => number;
  readonly #chunkBytes: number;
  readonly #directories = new MadeDirectories();

  /** @param root absolute path, ending with a slash */
  constructor(uri: string, root: string, options: Pick<StoreOptions, 'nowNs' | 'chunkBytes'>) {
    this.uri = uri;
    this.#root = root;
    this.#nowNs = options.nowNs;
    this.#chunkBytes = options.chunkBytes ?? MAX_CHUNK_BYTES;
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
        this.#get(request, path, done);
        return;
      case 'PUT':
        this.#put(request, path, done);
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
        attempt(() => {
          this.#directories.make(path);
        }, done);
        return;
      case 'RMDIR':
        rmdir(path, done);
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

  #get(request: StoreRequest, path: string, done: (error: SystemError) => void): void {
    open(path, constants.O_RDONLY, (openError, file) => {
      if (openError !== null) {
        done(openError);
        return;
      }
      const expected = request.sizeBytes >= 0 ? request.sizeBytes + 1 : this.#chunkBytes;
      const buffer = Buffer.allocUnsafe(Math.min(expected, this.#chunkBytes));
      const readOn = (): void => {
        read(file, buffer, 0, buffer.length, null, (error, length) => {
          if (error === null && length > 0) {
            if (request.firstByteNs === 0) request.firstByteNs = this.#nowNs();
            request.onData?.(buffer.subarray(0, length), request.bytes);
            request.bytes += length;
            readOn();
            return;
          }
          close(file, (closeError) => {
            done(error ?? closeError ?? null);
          });
        });
      };
      readOn();
    });
  }

  #put(request: StoreRequest, path: string, done: (error: SystemError) => void): void {
    const { payload, sizeBytes } = request;
    const chunkAt = (offset: number): Uint8Array =>
      payload?.chunk(offset, Math.min(sizeBytes - offset, this.#chunkBytes)) ?? new Uint8Array();
    let chunk = sizeBytes > 0 ? chunkAt(0) : new Uint8Array();
    request.startNs = this.#nowNs();
    this.#openForWriting(path, (openError, file) => {
      if (openError !== null) {
        done(openError);
        return;
      }
      const finish = (error: SystemError): void => {
        close(file, (closeError) => {
          done(error ?? closeError ?? null);
        });
      };
      const writeOn = (): void => {
        if (request.bytes >= sizeBytes) {
          finish(null);
          return;
        }
        write(file, chunk, 0, chunk.length, (error, written) => {
          if (error !== null) {
            finish(error);
            return;
          }
          request.bytes += written;
          const rest = chunk.subarray(written);
          chunk = rest.length > 0 || request.bytes >= sizeBytes ? rest : chunkAt(request.bytes);
          writeOn();
        });
      };
      writeOn();
    });
  }

  #openForWriting(path: string, done: (error: SystemError, file: number) => void): void {
    open(path, CREATE_FLAGS, FILE_MODE, (error, file) => {
      if (error?.code !== 'ENOENT') {
        done(error, file);
        return;
      }
      attempt(
        () => {
          this.#directories.makeParentOf(path);
        },
        (makeError) => {
          if (makeError === null) open(path, CREATE_FLAGS, FILE_MODE, done);
          else done(makeError, -1);
        },
      );
    });
  }

  async #list(request: StoreRequest): Promise<void> {
    const pending = [directoryOf(request.key)];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      for (const entry of await this.#read(directory)) {
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

  /** A directory's entries; none when it is not there: directories are no objects, they come and go with them. */
  async #read(directory: string): Promise<Dirent[]> {
    try {
      return await readdir(this.#root + directory, { withFileTypes: true });
    } catch (error) {
      if (!isNothingThere(error)) throw error;
      await this.#requireRoot();
      return [];
    }
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
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  cancelAll(): void {
    // A call that is with the system cannot be taken back; the process that hosts it is killed instead.
  }

  removeMadeDirectories(): readonly BenchError[] {
    return this.#directories.removeEmpty();
  }

  close(): void {
    // No file stays open between operations.
  }
}

/** Runs a quick blocking step that has no asynchronous form worth its cost. */
function attempt(step: () => void, done: (error: SystemError) => void): void {
  try {
    step();
  } catch (error) {
    done(error as NodeJS.ErrnoException);
    return;
  }
  done(null);
}
