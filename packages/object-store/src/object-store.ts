import type { BenchError } from '@sai3bench/errors';
import type { ObjectVersions } from './object-versions.ts';
import type { DeleteFailures, DeleteRequest } from './s3/operations/delete-objects.ts';
import type { OnGivenUp, UnfinishedUpload } from './s3/operations/orphan-uploads.ts';
import type { S3Options } from './s3/s3-options.ts';
import type { TrafficMemory } from './traffic/traffic-layout.ts';
import type { StoreRequest } from './store-request.ts';

/**
 * A place that keeps objects under keys. Every driver is behind this interface: one call to start an
 * operation, one callback when it has ended, nothing allocated in between that the driver can avoid.
 */
export interface ObjectStore {
  /** The address that the store was opened with. */
  readonly uri: string;

  /**
   * Starts an operation. The request is the store's until it calls `request.onComplete`, which a store
   * that works synchronously does before this call returns. Never throws: failures are in `request.error`.
   */
  submit(request: StoreRequest): void;

  /**
   * Gets everything ready that the first operations would otherwise wait for: credentials, addresses, connections,
   * compiled code. Rejects with a `BenchError` when the store cannot be reached. Not needed, and not every store has it.
   *
   * @param connections how many operations are expected to be under way at once
   */
  warmUp?(connections: number): Promise<void>;

  /**
   * Stops every operation under way; each completes soon with an error of class `cancelled`. A store that
   * works synchronously has none.
   */
  cancelAll(): void;

  /**
   * Deletes many objects with few requests. Only stores that can do more than delete one after the other have it.
   * Rejects with a `BenchError` when the request as a whole failed.
   *
   * @param keys relative to the store's address, 1 000 of them go into one request
   * @param onRequest told of each request, when it has ended
   * @returns what could not be deleted; a key that is not there counts as deleted. After a cancellation, what was not
   *   tried any more has an error of class `cancelled`
   */
  deleteObjects?(
    keys: readonly string[],
    onRequest?: (request: DeleteRequest) => void,
  ): Promise<DeleteFailures>;

  /**
   * Gives up uploads in parts that were begun below a prefix and never ended, as those of a run that was killed, as far
   * as they are the caller's own. Only stores that write in parts have it. Rejects with a `BenchError` when uploads
   * cannot be listed.
   *
   * @param prefix relative to the store's address
   * @param onGivenUp told of each; without it, the first error that one ends with is what this rejects with
   * @returns how many were given up
   */
  abortOrphans?(
    prefix: string,
    isOwn: (upload: UnfinishedUpload) => boolean,
    onGivenUp?: OnGivenUp,
  ): Promise<number>;

  /** The versions of objects. Only stores that may keep some have it. */
  readonly versions?: ObjectVersions;

  /**
   * Names what lies directly in a directory, in any order, while it is read: memory does not grow with their number. Only
   * stores of files that block no thread have it. Rejects with a `BenchError` when the directory cannot be read.
   *
   * @param key of the directory: empty, or ending with `/`
   * @param onName called for each name; reading goes on when what it returns is fulfilled, and ends when that is rejected
   * @returns false when there is no such directory
   */
  readDirectory?(
    key: string,
    onName: (name: string) => Promise<void> | undefined,
  ): Promise<boolean>;

  /**
   * Removes the directories that this store made on the way to objects, as far as they are empty.
   *
   * @param onProgress told how many of them have been tried
   * @returns for each directory that is left, why
   */
  removeMadeDirectories(onProgress: (tried: number, total: number) => void): readonly BenchError[];

  /** Cancels what is under way and frees connections. */
  close(): void;
}

/** What opening a store needs to know. */
export interface StoreOptions {
  /** Nanoseconds of a monotonic clock, as a number. */
  readonly nowNs: () => number;
  /** Operations that may be under way at once. */
  readonly maxInFlight: number;
  /** Connections to S3, where an operation may need more than one. As many as operations when it is not given. */
  readonly maxConnections?: number;
  /**
   * Payloads are asked for, and files are read, in pieces of at most this size: a multiple of 4096. 4 MiB when it is
   * not given; smaller where many operations in flight would need too much memory.
   */
  readonly chunkBytes?: number;
  /**
   * How files are worked on: `sync` blocks the calling thread and is the fastest way for a thread that has one
   * operation in flight; `async` uses libuv's thread pool.
   */
  readonly fileMode: 'sync' | 'async';
  /** How S3 is talked to. */
  readonly s3?: S3Options;
  /** Where to count what goes over the wire, and as which endpoint. Of S3 only, and not through the SDK. */
  readonly traffic?: { readonly memory: TrafficMemory; readonly endpoint: number };
  /** Whether a PUT on files flushes its data and metadata to the device before it ends. Not when it is not given. */
  readonly fsync?: boolean;
  /** Process environment: credentials, region and endpoint of S3. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What opening a store of files needs to know. */
export type FileStoreOptions = Pick<StoreOptions, 'chunkBytes' | 'fsync' | 'maxInFlight' | 'nowNs'>;
