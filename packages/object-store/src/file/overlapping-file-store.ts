import type { BenchError } from '@sai3bench/errors';
import type { FileUri } from '@sai3bench/store-uri';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { FileStoreOptions, ObjectStore } from '../object-store.ts';
import type { StoreRequest } from '../store-request.ts';
import { AsyncFileStore } from './async-file-store.ts';
import { MadeDirectories, type RemovalProgress } from './made-directories.ts';
import { SyncFileStore } from './sync-file-store.ts';

/**
 * Files below a directory for a thread that has one operation in flight: by blocking calls, but for objects that are
 * written in several pieces. Their pieces are written by the thread pool, so that this thread can make the next one
 * while the device works on the one before.
 */
export class OverlappingFileStore implements ObjectStore {
  readonly uri: string;
  readonly #chunkBytes: number;
  readonly #directories = new MadeDirectories();
  readonly #blocking: SyncFileStore;
  readonly #pooled: AsyncFileStore;

  constructor(uri: string, parsed: FileUri, options: FileStoreOptions) {
    this.uri = uri;
    this.#chunkBytes = options.chunkBytes ?? MAX_CHUNK_BYTES;
    this.#blocking = new SyncFileStore(uri, parsed, options, this.#directories);
    this.#pooled = new AsyncFileStore(uri, parsed, options, this.#directories);
  }

  submit(request: StoreRequest): void {
    const { operation, payload, sizeBytes } = request;
    const inPieces = operation === 'PUT' && sizeBytes > this.#chunkBytes;
    const store = inPieces && (payload?.chunksKept ?? 1) > 1 ? this.#pooled : this.#blocking;
    store.submit(request);
  }

  cancelAll(): void {
    this.#blocking.cancelAll();
    this.#pooled.cancelAll();
  }

  removeMadeDirectories(onProgress: RemovalProgress): readonly BenchError[] {
    return this.#directories.removeEmpty(onProgress);
  }

  close(): void {
    this.#blocking.close();
    this.#pooled.close();
  }
}
