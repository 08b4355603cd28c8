import { type FileHandle, open } from 'node:fs/promises';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { BenchError } from '@sai3bench/errors';
import { type SegmentStates, segmentOf, uniformCode } from '../states/segment.ts';
import { checksumOfLog, checksumOfSegment, checksumOfText } from './row-checksums.ts';
import { openSqlite } from './sqlite.ts';
import type { StoredPiece } from './stored-piece.ts';

/** "SAI3" in the header of the file. */
const APPLICATION_ID = 0x5341_4933;
const FORMAT_VERSION = 1;
/** No file of ours is shorter; SQLite would take one for empty. */
export const PAGE_BYTES = 8192;
/** Segments of a piece have consecutive row ids, so that they lie together. */
const SEGMENTS_PER_PIECE = 2 ** 24;
const EMPTY = new Uint8Array(0);

/** Who waits for the disk, and when, is for {@link CacheDatabase.sync} to say. */
const SETTINGS = [
  `page_size = ${String(PAGE_BYTES)}`,
  'journal_mode = WAL',
  'synchronous = OFF',
  'wal_autocheckpoint = 0',
  'cache_size = -4096',
];

const SCHEMA = `
CREATE TABLE value (name TEXT PRIMARY KEY, json TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
CREATE TABLE piece (id INTEGER PRIMARY KEY, json TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
CREATE TABLE segment (id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, checksum INTEGER NOT NULL, code INTEGER,
  unsynced BLOB NOT NULL, packed BLOB NOT NULL) STRICT;
CREATE TABLE log (id INTEGER PRIMARY KEY, piece INTEGER NOT NULL, fold INTEGER NOT NULL, sequence INTEGER NOT NULL,
  checksum INTEGER NOT NULL, records BLOB NOT NULL) STRICT;
CREATE TABLE flush (sequence INTEGER NOT NULL) STRICT;
INSERT INTO flush VALUES (0);
PRAGMA application_id = ${String(APPLICATION_ID)};
PRAGMA user_version = ${String(FORMAT_VERSION)};`;

/** A segment as it is stored. */
export interface StoredSegment {
  readonly number: number;
  readonly sequence: number;
  /** Undefined when its checksum does not fit. */
  readonly content: SegmentStates | undefined;
}

/** Blocks that one flush has changed, as they are stored. */
export interface StoredLog {
  readonly fold: number;
  readonly sequence: number;
  /** Undefined when their checksum does not fit. */
  readonly records: Int32Array | undefined;
}

/**
 * The file of a cache: SQLite with a write-ahead log. Commits survive the end of the process in whatever way;
 * {@link sync} makes them survive the machine's. SQLite itself never waits for the disk: the syncs that its log
 * needs are done here, in the thread pool, so that a slow disk does not stop the process.
 */
export class CacheDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #files: readonly FileHandle[] = [];

  /** Opens or makes the file. Throws what SQLite does, and `CACHE_UNUSABLE` for one of another program or version. */
  constructor(path: string) {
    this.#path = path;
    this.#database = openSqlite(path);
    try {
      // Locked for good, the write-ahead log needs no shared memory beside it.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE');
      const isNew = this.#number('PRAGMA schema_version') === 0;
      if (!isNew) this.#checkFormat();
      for (const setting of SETTINGS) this.#database.exec(`PRAGMA ${setting}`);
      if (isNew) this.transaction(() => this.#database.exec(SCHEMA));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Throws when the file is not whole. States have checksums of their own. */
  check(): void {
    const finding = this.#get('PRAGMA quick_check(1)')?.['quick_check'];
    if (finding !== 'ok') throw this.#unusable(String(finding));
    for (const table of ['value', 'piece']) {
      for (const row of this.#statement(`SELECT * FROM ${table}`).iterate()) {
        const key = String(row['name'] ?? row['id']);
        if (row['checksum'] === checksumOfText(key, String(row['json']))) continue;
        throw this.#unusable(`the checksum of ${table} ${key} does not fit`);
      }
    }
  }

  /** Does all or nothing of what `work` changes. */
  transaction(work: () => void): void {
    this.begin();
    try {
      work();
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  begin(): void {
    this.#database.exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.#database.exec('COMMIT');
  }

  /** Undoes what was not committed; nothing when SQLite has done so itself. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  /** Number of the last flush of which anything was written. */
  get sequence(): number {
    return this.#number('SELECT sequence FROM flush');
  }

  set sequence(sequence: number) {
    this.#run('UPDATE flush SET sequence = ?', sequence);
  }

  /** Pages that the file must have, but for those in the write-ahead log. */
  get pageCount(): number {
    return this.#number('PRAGMA page_count');
  }

  pieces(): readonly StoredPiece[] {
    return this.#statement('SELECT id, json FROM piece ORDER BY id')
      .all()
      .map((row) => ({ id: Number(row['id']), ...parsePiece(String(row['json'])) }));
  }

  putPiece({ id, ...piece }: StoredPiece): void {
    const json = JSON.stringify(piece);
    const checksum = checksumOfText(String(id), json);
    this.#run('INSERT OR REPLACE INTO piece VALUES (?, ?, ?)', id, json, checksum);
  }

  /** Removes a piece and all of its states. */
  deletePiece(id: number): void {
    this.#run('DELETE FROM piece WHERE id = ?', id);
    this.deleteSegments(id, 0, SEGMENTS_PER_PIECE);
    this.#run('DELETE FROM log WHERE piece = ?', id);
  }

  /** Removes states that belong to no piece: a process has ended before it had written their piece. */
  deleteOrphans(): void {
    const known = new Set(this.pieces().map(({ id }) => id));
    const found = [
      ...this.#statement(
        `SELECT DISTINCT id / ${String(SEGMENTS_PER_PIECE)} AS piece FROM segment`,
      ).all(),
      ...this.#statement('SELECT DISTINCT piece FROM log').all(),
    ];
    for (const row of found) {
      const piece = Number(row['piece']);
      if (!known.has(piece)) this.transaction(() => this.deletePiece(piece));
    }
  }

  /** Segments of a piece, ascending; what is packed is valid until the next one is read. */
  *segments(piece: number, first = 0, end = SEGMENTS_PER_PIECE): Generator<StoredSegment> {
    const rows = this.#statement('SELECT * FROM segment WHERE id >= ? AND id < ?').iterate(
      rowOf(piece, first),
      rowOf(piece, end),
    );
    for (const row of rows) {
      const id = Number(row['id']);
      const sequence = Number(row['sequence']);
      const code = row['code'] === null ? undefined : Number(row['code']);
      const packed = bytesOf(row['packed']);
      const checksum = checksumOfSegment(id, sequence, code, bytesOf(row['unsynced']), packed);
      const isIntact = row['checksum'] === checksum;
      const content = isIntact ? segmentOf(code, packed) : undefined;
      yield { number: id - rowOf(piece, 0), sequence, content };
    }
  }

  /** Which blocks of each segment had changed since the storage was synced, as bits, when it was written. */
  *unsynced(piece: number): Generator<{ number: number; sequence: number; bits: Int32Array }> {
    const rows = this.#statement(
      'SELECT id, sequence, unsynced FROM segment WHERE id >= ? AND id < ? AND length(unsynced) > 0',
    ).iterate(rowOf(piece, 0), rowOf(piece, SEGMENTS_PER_PIECE));
    for (const row of rows) {
      yield {
        number: Number(row['id']) - rowOf(piece, 0),
        sequence: Number(row['sequence']),
        bits: wordsOf(bytesOf(row['unsynced'])),
      };
    }
  }

  /** @returns bytes written */
  putSegment(
    piece: number,
    number: number,
    sequence: number,
    content: SegmentStates,
    unsynced: Uint8Array,
  ): number {
    const id = rowOf(piece, number);
    const code = uniformCode(content);
    const packed = typeof content === 'string' ? EMPTY : content;
    const checksum = checksumOfSegment(id, sequence, code, unsynced, packed);
    this.#run(
      'INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?, ?)',
      ...[id, sequence, checksum, code ?? null, unsynced, packed],
    );
    return unsynced.length + packed.length;
  }

  /** Removes segments from `first` up to `end`. */
  deleteSegments(piece: number, first: number, end: number): void {
    const rows = [rowOf(piece, first), rowOf(piece, end)];
    this.#run('DELETE FROM segment WHERE id >= ? AND id < ?', ...rows);
  }

  /** Logs of a piece, in the order in which they were written. */
  *logs(piece: number): Generator<StoredLog> {
    for (const row of this.#statement('SELECT * FROM log WHERE piece = ? ORDER BY id').iterate(
      piece,
    )) {
      const [fold, sequence] = [Number(row['fold']), Number(row['sequence'])];
      const records = bytesOf(row['records']);
      const isIntact = row['checksum'] === checksumOfLog(piece, fold, sequence, records);
      yield { fold, sequence, records: isIntact ? wordsOf(records) : undefined };
    }
  }

  appendLog(piece: number, fold: number, sequence: number, records: Uint8Array): void {
    this.#run(
      'INSERT INTO log (piece, fold, sequence, checksum, records) VALUES (?, ?, ?, ?, ?)',
      ...[piece, fold, sequence, checksumOfLog(piece, fold, sequence, records), records],
    );
  }

  /**
   * Removes logs older than a fold.
   *
   * @param limit how many at most
   * @returns how many
   */
  deleteLogs(piece: number, beforeFold: number, limit: number): number {
    return this.#run(
      'DELETE FROM log WHERE id IN (SELECT id FROM log WHERE piece = ? AND fold < ? LIMIT ?)',
      ...[piece, beforeFold, limit],
    );
  }

  value(name: string): string | undefined {
    const json = this.#statement('SELECT json FROM value WHERE name = ?').get(name)?.['json'];
    return json === undefined ? undefined : String(json);
  }

  valueNames(): readonly string[] {
    return this.#statement('SELECT name FROM value ORDER BY name')
      .all()
      .map((row) => String(row['name']));
  }

  putValue(name: string, json: string | undefined): void {
    if (json === undefined) this.#run('DELETE FROM value WHERE name = ?', name);
    else {
      const checksum = checksumOfText(name, json);
      this.#run('INSERT OR REPLACE INTO value VALUES (?, ?, ?)', name, json, checksum);
    }
  }

  /**
   * Waits until what is committed is on the disk, and moves it from the write-ahead log to its place. Nothing may be
   * committed meanwhile: the log is used again from its beginning once its content is on the disk elsewhere.
   */
  async sync(): Promise<void> {
    if (this.#files.length === 0) {
      this.#files = [await open(`${this.#path}-wal`, 'r+'), await open(this.#path, 'r+')];
    }
    const [log, main] = this.#files;
    await log?.datasync();
    this.#get('PRAGMA wal_checkpoint(PASSIVE)');
    await main?.datasync();
  }

  /** Everything that is committed must have been synced. */
  async close(): Promise<void> {
    this.#statements.clear();
    this.#database.close();
    for (const file of this.#files) await file.close();
    this.#files = [];
  }

  #checkFormat(): void {
    const application = this.#number('PRAGMA application_id');
    const version = this.#number('PRAGMA user_version');
    if (application !== APPLICATION_ID) throw this.#unusable('it was not written by sai3bench');
    if (version !== FORMAT_VERSION)
      throw this.#unusable(`its format is version ${String(version)}`);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #get(sql: string): Record<string, SQLOutputValue> | undefined {
    return this.#statement(sql).get();
  }

  #number(sql: string): number {
    return Number(Object.values(this.#get(sql) ?? {})[0]);
  }

  #run(sql: string, ...parameters: (string | number | null | Uint8Array)[]): number {
    return Number(this.#statement(sql).run(...parameters).changes);
  }

  #unusable(reason: string): BenchError {
    return new BenchError(`${this.#path} cannot be used: ${reason}`, {
      code: 'CACHE_UNUSABLE',
      class: 'integrity',
      hint: 'it is set aside, and the objects are verified against the storage',
      key: this.#path,
    });
  }
}

function rowOf(piece: number, segment: number): number {
  return piece * SEGMENTS_PER_PIECE + segment;
}

function parsePiece(json: string): Omit<StoredPiece, 'id'> {
  return JSON.parse(json) as Omit<StoredPiece, 'id'>;
}

function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : EMPTY;
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.slice().buffer);
}
