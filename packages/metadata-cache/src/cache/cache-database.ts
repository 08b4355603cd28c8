import { type FileHandle, open } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { BenchError } from '@sai3bench/errors';
import { APPLICATION_ID, FORMAT_VERSION, SCHEMA, SETTINGS } from './cache-schema.ts';
import { LogTable } from './log-table.ts';
import { checksumOfText } from './row-checksums.ts';
import { SegmentTable } from './segment-table.ts';
import { openSqlite } from './sqlite.ts';
import { Statements } from './statements.ts';
import type { StoredPiece } from './stored-piece.ts';

/**
 * The file of a cache: SQLite with a write-ahead log. Commits survive the end of the process in whatever way;
 * {@link sync} makes them survive the machine's. SQLite itself never waits for the disk: the syncs that its log
 * needs are done here, in the thread pool, so that a slow disk does not stop the process.
 */
export class CacheDatabase {
  readonly segments: SegmentTable;
  readonly logs: LogTable;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  #files: readonly FileHandle[] = [];

  /** Opens or makes the file. Throws what SQLite does, and `CACHE_UNUSABLE` for one of another program or version. */
  constructor(path: string) {
    this.#path = path;
    this.#database = openSqlite(path);
    this.#statements = new Statements(this.#database);
    this.segments = new SegmentTable(this.#statements);
    this.logs = new LogTable(this.#statements);
    try {
      // Locked for good, the write-ahead log needs no shared memory beside it.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE');
      const isNew = this.#statements.number('PRAGMA schema_version') === 0;
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
    // SQLite takes any tables for right that it understands: the wrong ones would fail whoever asks them.
    if (schemaOf(this.#database) !== usualSchema()) throw this.#unusable('its tables are others');
    const finding = this.#statements.get('PRAGMA quick_check(1)')?.['quick_check'];
    if (finding !== 'ok') throw this.#unusable(String(finding));
    for (const table of ['value', 'piece']) {
      for (const row of this.#statements.prepare(`SELECT * FROM ${table}`).iterate()) {
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
    return this.#statements.number('SELECT sequence FROM flush');
  }

  set sequence(sequence: number) {
    this.#statements.run('UPDATE flush SET sequence = ?', sequence);
  }

  /** Pages that the file must have, but for those in the write-ahead log. */
  get pageCount(): number {
    return this.#statements.number('PRAGMA page_count');
  }

  pieces(): readonly StoredPiece[] {
    return this.#statements
      .prepare('SELECT id, json FROM piece ORDER BY id')
      .all()
      .map((row) => ({ id: Number(row['id']), ...parsePiece(String(row['json'])) }));
  }

  putPiece({ id, ...piece }: StoredPiece): void {
    const json = JSON.stringify(piece);
    const checksum = checksumOfText(String(id), json);
    this.#statements.run('INSERT OR REPLACE INTO piece VALUES (?, ?, ?)', id, json, checksum);
  }

  /** Removes a piece and all of its states. */
  deletePiece(id: number): void {
    this.#statements.run('DELETE FROM piece WHERE id = ?', id);
    this.segments.deleteAll(id);
    this.logs.deleteAll(id);
  }

  /** Removes states that belong to no piece: a process has ended before it had written their piece. */
  deleteOrphans(): void {
    const known = new Set(this.pieces().map(({ id }) => id));
    for (const piece of new Set([...this.segments.pieces(), ...this.logs.pieces()])) {
      if (!known.has(piece)) this.transaction(() => this.deletePiece(piece));
    }
  }

  value(name: string): string | undefined {
    const row = this.#statements.prepare('SELECT json FROM value WHERE name = ?').get(name);
    return row === undefined ? undefined : String(row['json']);
  }

  valueNames(): readonly string[] {
    return this.#statements
      .prepare('SELECT name FROM value ORDER BY name')
      .all()
      .map((row) => String(row['name']));
  }

  putValue(name: string, json: string | undefined): void {
    if (json === undefined) this.#statements.run('DELETE FROM value WHERE name = ?', name);
    else {
      const checksum = checksumOfText(name, json);
      this.#statements.run('INSERT OR REPLACE INTO value VALUES (?, ?, ?)', name, json, checksum);
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
    this.#statements.get('PRAGMA wal_checkpoint(PASSIVE)');
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
    const application = this.#statements.number('PRAGMA application_id');
    const version = this.#statements.number('PRAGMA user_version');
    if (application !== APPLICATION_ID) throw this.#unusable('it was not written by sai3bench');
    if (version !== FORMAT_VERSION)
      throw this.#unusable(`its format is version ${String(version)}`);
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

/** The tables of a database, as it describes them. */
function schemaOf(database: DatabaseSync): string {
  const rows = database.prepare(
    'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid',
  );
  return JSON.stringify(rows.all());
}

/** That of every cache. */
function usualSchema(): string {
  const database = openSqlite(':memory:');
  try {
    database.exec(SCHEMA);
    return schemaOf(database);
  } finally {
    database.close();
  }
}

function parsePiece(json: string): Omit<StoredPiece, 'id'> {
  return JSON.parse(json) as Omit<StoredPiece, 'id'>;
}
