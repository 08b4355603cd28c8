import { type SegmentStates, segmentOf, uniformCode } from '../states/segment.ts';
import { bytesOf, wordsOf } from './columns.ts';
import { checksumOfSegment } from './row-checksums.ts';
import type { Statements } from './statements.ts';

/** Segments of a piece have consecutive row ids, so that they lie together. */
const SEGMENTS_PER_PIECE = 2 ** 24;
const EMPTY = new Uint8Array(0);

/** A segment as it is stored. */
export interface StoredSegment {
  readonly number: number;
  readonly sequence: number;
  /** Undefined when its checksum does not fit. */
  readonly content: SegmentStates | undefined;
}

/** The states of all pieces, segment by segment. */
export class SegmentTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Pieces that there are segments of. */
  pieces(): readonly number[] {
    return this.#statements
      .prepare(`SELECT DISTINCT id / ${String(SEGMENTS_PER_PIECE)} AS piece FROM segment`)
      .all()
      .map((row) => Number(row['piece']));
  }

  /** Segments of a piece, ascending; what is packed is valid until the next one is read. */
  *of(piece: number, first = 0, end = SEGMENTS_PER_PIECE): Generator<StoredSegment> {
    const rows = this.#statements
      .prepare('SELECT * FROM segment WHERE id >= ? AND id < ?')
      .iterate(rowOf(piece, first), rowOf(piece, end));
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
    const rows = this.#statements
      .prepare(
        'SELECT id, sequence, unsynced FROM segment WHERE id >= ? AND id < ? AND length(unsynced) > 0',
      )
      .iterate(rowOf(piece, 0), rowOf(piece, SEGMENTS_PER_PIECE));
    for (const row of rows) {
      yield {
        number: Number(row['id']) - rowOf(piece, 0),
        sequence: Number(row['sequence']),
        bits: wordsOf(bytesOf(row['unsynced'])),
      };
    }
  }

  /** @returns bytes written */
  put(
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
    this.#statements.run(
      'INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?, ?)',
      ...[id, sequence, checksum, code ?? null, unsynced, packed],
    );
    return unsynced.length + packed.length;
  }

  /** Removes segments from `first` up to `end`. */
  delete(piece: number, first: number, end: number): void {
    const rows = [rowOf(piece, first), rowOf(piece, end)];
    this.#statements.run('DELETE FROM segment WHERE id >= ? AND id < ?', ...rows);
  }

  /** Removes all segments of a piece. */
  deleteAll(piece: number): void {
    this.delete(piece, 0, SEGMENTS_PER_PIECE);
  }
}

function rowOf(piece: number, segment: number): number {
  return piece * SEGMENTS_PER_PIECE + segment;
}
