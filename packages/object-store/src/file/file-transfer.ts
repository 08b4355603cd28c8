import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { FileStoreOptions } from '../object-store.ts';
import type { StoreRequest } from '../store-request.ts';
import { Cancellation } from './cancellation.ts';
import type { MadeDirectories } from './made-directories.ts';
import type { SystemError } from './system-error.ts';

/** What moving the bytes of files needs to know. */
export interface TransferOptions {
  readonly nowNs: () => number;
  /** Most bytes of one call: a multiple of 4096. */
  readonly chunkBytes: number;
  /** Whether a PUT flushes its file to the device before it ends. */
  readonly fsync: boolean;
  /** Most operations that are under way at once. */
  readonly maxInFlight: number;
  readonly directories: MadeDirectories;
  /** Of operations that go through the thread pool. */
  readonly cancellation: Cancellation;
}

/** What a store's options say of it. */
export function transferOptions(
  { chunkBytes = MAX_CHUNK_BYTES, fsync = false, maxInFlight, nowNs }: FileStoreOptions,
  directories: MadeDirectories,
): TransferOptions {
  const cancellation = new Cancellation();
  return { nowNs, chunkBytes, fsync, maxInFlight, directories, cancellation };
}

/** How blocking calls move the bytes of a file; failures are thrown. */
export interface SyncTransfer {
  get(request: StoreRequest, path: string): void;
  put(request: StoreRequest, path: string): void;
}

/** How libuv's thread pool moves the bytes of a file. */
export interface AsyncTransfer {
  get(request: StoreRequest, path: string, done: (error: SystemError) => void): void;
  put(request: StoreRequest, path: string, done: (error: SystemError) => void): void;
}
