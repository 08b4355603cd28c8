import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

/** A row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** Statements of a database, each prepared once. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** A statement, which nobody else may be reading rows of. */
  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  /** The first row. */
  get(sql: string): Row | undefined {
    return this.prepare(sql).get();
  }

  /** The first value of the first row. */
  number(sql: string): number {
    return Number(Object.values(this.get(sql) ?? {})[0]);
  }

  /** @returns how many rows were changed */
  run(sql: string, ...parameters: (string | number | null | Uint8Array)[]): number {
    return Number(this.prepare(sql).run(...parameters).changes);
  }

  /** Lets go of all of them, before the database is closed. */
  clear(): void {
    this.#prepared.clear();
  }
}
