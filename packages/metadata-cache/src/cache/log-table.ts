import { bytesOf, wordsOf } from './columns.ts';
import { checksumOfLog } from './row-checksums.ts';
import type { Statements } from './statements.ts';

/** Blocks that one flush has changed, as they are stored. */
export interface StoredLog {
  readonly fold: number;
  readonly sequence: number;
  /** Undefined when their checksum does not fit. */
  readonly records: Int32Array | undefined;
}

/** What flushes have changed of all pieces since their segments were written. */
export class LogTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Pieces that there are logs of. */
  pieces(): readonly number[] {
    return this.#statements
      .prepare('SELECT DISTINCT piece FROM log')
      .all()
      .map((row) => Number(row['piece']));
  }

  /** Logs of a piece, in the order in which they were written. */
  *of(piece: number): Generator<StoredLog> {
    for (const row of this.#statements
      .prepare('SELECT * FROM log WHERE piece = ? ORDER BY id')
      .iterate(piece)) {
      const [fold, sequence] = [Number(row['fold']), Number(row['sequence'])];
      const records = bytesOf(row['records']);
      const isIntact = row['checksum'] === checksumOfLog(piece, fold, sequence, records);
      yield { fold, sequence, records: isIntact ? wordsOf(records) : undefined };
    }
  }

  append(piece: number, fold: number, sequence: number, records: Uint8Array): void {
    this.#statements.run(
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
  delete(piece: number, beforeFold: number, limit: number): number {
    return this.#statements.run(
      'DELETE FROM log WHERE id IN (SELECT id FROM log WHERE piece = ? AND fold < ? LIMIT ?)',
      ...[piece, beforeFold, limit],
    );
  }

  /** Removes all logs of a piece. */
  deleteAll(piece: number): void {
    this.#statements.run('DELETE FROM log WHERE piece = ?', piece);
  }
}
