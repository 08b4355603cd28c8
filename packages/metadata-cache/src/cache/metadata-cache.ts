import { mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { BenchError } from '@sai3bench/errors';
import { makeDirectories } from '@sai3bench/store-uri';
import type { KnownRange } from '../snapshot/known-range.ts';
import type { StateSource } from '../snapshot/state-source.ts';
import { type AttachOptions, attachRange } from './attach-range.ts';
import type { CacheDatabase } from './cache-database.ts';
import { toCacheError } from './cache-errors.ts';
import { CacheLock, type CacheOwner } from './cache-lock.ts';
import { CachedPool } from './cached-pool.ts';
import {
  type FileSystemKind,
  fileSystemKind,
  refuseNetworkFileSystem,
} from './file-system-kind.ts';
import type { JsonValue } from './json-value.ts';
import { openDatabase, type SetAside } from './open-database.ts';
import { PieceSource } from './piece-source.ts';
import { PoolWriter } from './pool-writer.ts';
import { knownRanges, type StoredPiece } from './stored-piece.ts';
import { writePools } from './write-pools.ts';

export interface CacheOptions {
  /** Directory of this cache alone, on a local disk; made when it is missing. */
  readonly directory: string;
  /** What /proc/sys/kernel/random/boot_id says. */
  readonly bootId: string;
  readonly now: () => Date;
  /** What a directory is on; asks the kernel unless given. */
  readonly fileSystemKind?: (directory: string) => FileSystemKind;
}

/** What was found when a cache was opened. */
export interface CacheOpening {
  /** The directory held no cache. */
  readonly isNew: boolean;
  /** A process that had the cache open and ended without closing it. */
  readonly takenOverFrom: CacheOwner | undefined;
  /** A file that could not be used; the cache has begun anew, and nothing is known. */
  readonly setAside: SetAside | undefined;
}

/** What a flush has done. */
export interface FlushReport {
  /** Counts flushes that had something to write. */
  readonly sequence: number;
  readonly writtenBytes: number;
}

/**
 * The states of the objects of one agent on its own disk, and small values of the coordinator. One process has it open
 * at a time. Calls that write wait for those before them.
 */
export class MetadataCache {
  readonly opening: CacheOpening;
  readonly #options: CacheOptions;
  readonly #lock: CacheLock;
  readonly #database: CacheDatabase;
  readonly #attached: { readonly identity: string; readonly writer: PoolWriter }[] = [];
  #sequence: number;
  #nextPieceId: number;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    options: CacheOptions,
    lock: CacheLock,
    database: CacheDatabase,
    opening: CacheOpening,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#database = database;
    this.#sequence = database.sequence;
    this.#nextPieceId = 1 + Math.max(0, ...database.pieces().map(({ id }) => id));
    this.opening = opening;
  }

  /**
   * Opens the cache of a directory, or makes one. A file that is damaged or of another version is set aside.
   *
   * Throws `CACHE_IN_USE`, `CACHE_ON_NETWORK`, `CACHE_NOT_WRITABLE`, `CACHE_DISK_FULL`.
   */
  static async open(options: CacheOptions): Promise<MetadataCache> {
    const { directory } = options;
    let lock: CacheLock | undefined;
    try {
      makeDirectories(directory, { mkdir: mkdirSync, stat: statSync });
      refuseNetworkFileSystem(directory, options.fileSystemKind ?? fileSystemKind);
      const since = options.now().toISOString();
      lock = new CacheLock(directory, { pid: process.pid, host: hostname(), since });
      const { database, isNew, setAside } = await openDatabase(directory);
      const { takenOverFrom } = lock;
      return new MetadataCache(options, lock, database, { isNew, takenOverFrom, setAside });
    } catch (error) {
      lock?.release();
      throw toCacheError(error, directory);
    }
  }

  /** Pools that something is known of. */
  identities(): readonly string[] {
    return [...new Set(this.#database.pieces().map(({ identity }) => identity))];
  }

  /** What is known of a pool. */
  known(identity: string): readonly KnownRange[] {
    return this.#piecesOf(identity).flatMap((piece) => knownRanges(piece));
  }

  /** The states of a pool as they were flushed, to be sent to others or merged. */
  sources(identity: string): readonly StateSource[] {
    return this.#piecesOf(identity).map((piece) => new PieceSource(this.#database, piece));
  }

  /**
   * Fills states with what is known, and keeps them from now on: {@link flush} writes what changes. Nothing is
   * written before the first flush, which also makes `generation` theirs.
   */
  attach(options: AttachOptions): Promise<CachedPool> {
    return this.#inTurn(async () => {
      const { identity, states } = options;
      if (this.#attached.some((pool) => pool.identity === identity)) {
        throw new BenchError('a pool is attached twice', {
          code: 'CACHE_ATTACHED',
          class: 'internal',
        });
      }
      const { bootId } = this.#options;
      const pieces = this.#piecesOf(identity);
      const { piece, report } = await attachRange(this.#database, pieces, options, bootId);
      const id = piece.id ?? this.#nextPieceId++;
      const stored = { ...piece, id, sequence: this.#sequence };
      const writer = new PoolWriter(this.#database, states, stored, piece.id !== undefined);
      this.#attached.push({ identity, writer });
      return new CachedPool(writer, report, { sequence: () => this.#sequence, bootId });
    });
  }

  /**
   * Writes what has changed in all attached pools since the last flush. When it returns, that survives kill -9 and the
   * loss of power. When it throws (`CACHE_DISK_FULL`, `CACHE_IO`), what was flushed before is still there, and the
   * next flush writes again what this one could not.
   *
   * Large changes take several transactions: each is whole, and the ranges get their new sequence with the last one.
   */
  flush(): Promise<FlushReport> {
    return this.#inTurn(() => this.#flush());
  }

  /** Forgets a pool; if it is attached, it is not kept any more. */
  drop(identity: string): Promise<void> {
    return this.#inTurn(async () => {
      const attached = this.#attached.findIndex((pool) => pool.identity === identity);
      if (attached >= 0) this.#attached.splice(attached, 1);
      this.#database.transaction(() => {
        for (const piece of this.#piecesOf(identity)) this.#database.deletePiece(piece.id);
      });
      await this.#database.sync();
    });
  }

  /** A value by its name; undefined when there is none. */
  value(name: string): JsonValue | undefined {
    const json = this.#database.value(name);
    return json === undefined ? undefined : (JSON.parse(json) as JsonValue);
  }

  /** Names of all values, in order. */
  valueNames(): readonly string[] {
    return this.#database.valueNames();
  }

  /** Keeps a small value under a name, or forgets it when it is undefined; safe when this returns. */
  putValue(name: string, value: JsonValue | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const json = value === undefined ? undefined : JSON.stringify(value);
      this.#database.transaction(() => {
        this.#database.putValue(name, json);
      });
      await this.#database.sync();
    });
  }

  /** Flushes, and gives the cache back, also when flushing fails. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#flush();
      } finally {
        await this.#giveBack();
      }
    });
  }

  /** Gives the cache back as it is: what has changed since the last flush is not kept. */
  abandon(): Promise<void> {
    return this.#inTurn(() => this.#giveBack());
  }

  async #giveBack(): Promise<void> {
    await this.#database.close();
    this.#lock.release();
  }

  async #flush(): Promise<FlushReport> {
    const writers = this.#attached.map(({ writer }) => writer);
    const writtenBytes = await writePools(
      this.#database,
      writers,
      this.#sequence + 1,
      (sequence) => {
        this.#sequence = sequence;
      },
    );
    return { sequence: this.#sequence, writtenBytes };
  }

  #piecesOf(identity: string): readonly StoredPiece[] {
    return this.#database.pieces().filter((piece) => piece.identity === identity);
  }

  /** Does one thing after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work).catch((error: unknown) => {
      throw toCacheError(error, this.#options.directory);
    });
    // Who asked for it is told; what is done next does not depend on it.
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
