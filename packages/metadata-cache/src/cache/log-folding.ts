import { SEGMENT_BLOCKS } from '../states/segment.ts';
import { recordsOf } from './block-log.ts';
import type { CacheDatabase } from './cache-database.ts';
import type { StoredPiece } from './stored-piece.ts';

/**
 * A log may grow to this share of what all segments take when packed. With it, segments, two logs and a transaction
 * of up to {@link SMALL_OBJECTS} stay within half a byte for each object; beyond that, less work counts more than room.
 */
const LIMIT_SHARE = 1 / 12;
const LARGE_LIMIT_SHARE = 1 / 3;
const SMALL_OBJECTS = 128_000_000;
const SMALLEST_LIMIT_BYTES = 1024 * 1024;
const PACKED_BYTES_PER_OBJECT = 3 / 8;
/** Segments folded in each flush at least, so that a fold ends also when little changes. */
const SMALLEST_STEP = 8;

/**
 * Which segments have changes in logs. When the log has grown to its limit a new one begins, and the segments of the
 * old one are written whole, a few in each flush: as many as keep pace with the new log's growth. Then the old log
 * is dropped.
 */
export class LogFolding {
  /** Number of the log that is appended to. */
  fold = 0;
  readonly #limitBytes: number;
  #logBytes = 0;
  /** Segments in the log that is appended to. */
  #current = new Set<number>();
  /** Segments of older logs that have not been written whole since. */
  #old = new Set<number>();
  #oldTotal = 0;
  #hasOldLogs = false;
  /** Segments that the flush under way has written whole. */
  #written: number[] = [];

  constructor(objects: number) {
    const share = objects <= SMALL_OBJECTS ? LIMIT_SHARE : LARGE_LIMIT_SHARE;
    this.#limitBytes = Math.max(objects * PACKED_BYTES_PER_OBJECT * share, SMALLEST_LIMIT_BYTES);
  }

  /** Continues where the last process has ended. */
  static read(database: CacheDatabase, piece: StoredPiece, objects: number): LogFolding {
    const folding = new LogFolding(objects);
    for (const { fold, records } of database.logs.of(piece.id)) {
      if (fold > folding.fold) folding.begin(fold);
      if (records === undefined) continue;
      for (const { block } of recordsOf(records)) folding.add(Math.floor(block / SEGMENT_BLOCKS));
      folding.#logBytes += records.byteLength;
    }
    return folding;
  }

  /** Whether old logs can go. */
  get canDrop(): boolean {
    return this.#hasOldLogs && this.#old.size === 0;
  }

  get isDue(): boolean {
    return !this.#hasOldLogs && this.#logBytes > this.#limitBytes;
  }

  /** Blocks of a segment were added to the log. */
  add(segment: number): void {
    this.#current.add(segment);
  }

  logged(bytes: number): void {
    this.#logBytes += bytes;
  }

  /** A new log begins. */
  begin(fold = this.fold + 1): void {
    this.fold = fold;
    for (const segment of this.#current) this.#old.add(segment);
    this.#current = new Set();
    this.#oldTotal = this.#old.size;
    this.#hasOldLogs = true;
    this.#logBytes = 0;
  }

  /** The old segments to write now, when a flush has added so many bytes to the log. */
  step(loggedBytes: number): readonly number[] {
    const pace = Math.ceil((this.#oldTotal * loggedBytes) / this.#limitBytes);
    return [...this.#old].slice(0, Math.max(pace, SMALLEST_STEP));
  }

  /** A segment was written whole, though that may yet be undone. */
  wrote(segment: number): void {
    if (this.#old.delete(segment)) this.#written.push(segment);
  }

  dropped(): void {
    this.#hasOldLogs = false;
  }

  committed(): void {
    this.#written = [];
  }

  undone(): void {
    for (const segment of this.#written) this.#old.add(segment);
    this.#written = [];
    this.#hasOldLogs ||= this.fold > 0;
  }
}
