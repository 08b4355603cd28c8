import { type IndexRange, intersect, type KnownRange } from '../snapshot/known-range.ts';
import type { StateSource } from '../snapshot/state-source.ts';
import { copyStates } from '../states/copy-states.ts';
import { ObjectStates } from '../states/object-states.ts';
import { SEGMENT_BLOCKS, SEGMENT_OBJECTS, SegmentBuffer } from '../states/segment.ts';
import { allocateObjectStates, BLOCK_OBJECTS, viewStates } from '../states/state-memory.ts';
import { recordsOf, unpackRecord } from './block-log.ts';
import type { CacheDatabase } from './cache-database.ts';
import { knownRanges, type StoredPiece } from './stored-piece.ts';

/** States of a piece in a cache's file. It marks nothing as changed in what it copies to. */
export class PieceSource implements StateSource {
  readonly piece: StoredPiece;
  readonly ranges: readonly KnownRange[];
  /** Ranges that were found damaged, and are `unknown` in what was copied. */
  readonly damaged: IndexRange[] = [];
  readonly #database: CacheDatabase;
  readonly #segment = new SegmentBuffer();
  readonly #block = new ObjectStates(allocateObjectStates(BLOCK_OBJECTS), BLOCK_OBJECTS);
  readonly #blockWords = viewStates(this.#block.memory, BLOCK_OBJECTS).words;

  constructor(database: CacheDatabase, piece: StoredPiece) {
    this.#database = database;
    this.piece = piece;
    this.ranges = knownRanges(piece);
  }

  async copyTo(
    states: ObjectStates,
    range: IndexRange,
    _known: KnownRange,
    index: number,
  ): Promise<void> {
    const { id, base } = this.piece;
    const copy = (from: ObjectStates, begin: number): void => {
      const part = intersect(range, { begin, end: begin + from.count });
      if (part.begin >= part.end) return;
      const to = index + part.begin - range.begin;
      copyStates(from, part.begin - begin, states, to, part.end - part.begin);
    };
    const first = Math.floor((range.begin - base) / SEGMENT_OBJECTS);
    const end = Math.ceil((range.end - base) / SEGMENT_OBJECTS);
    const sequences = new Map<number, number>();
    for (const { number, sequence, content } of this.#database.segments.of(id, first, end)) {
      const begin = base + number * SEGMENT_OBJECTS;
      sequences.set(number, content === undefined ? Number.POSITIVE_INFINITY : sequence);
      if (content === undefined) this.#addDamage(range, { begin, end: begin + SEGMENT_OBJECTS });
      this.#segment.load(content ?? 'unknown', SEGMENT_OBJECTS);
      copy(this.#segment.states, begin);
    }
    for (const { sequence, records } of this.#database.logs.of(id)) {
      if (records === undefined) {
        // Which objects it was about is not known, so nothing is.
        this.#addDamage(range, range);
        states.fill(index, index + range.end - range.begin, 'unknown');
        return;
      }
      for (const { block, position } of recordsOf(records)) {
        const segment = Math.floor(block / SEGMENT_BLOCKS);
        if (sequence <= (sequences.get(segment) ?? 0)) continue;
        unpackRecord(records, position, this.#blockWords);
        copy(this.#block, base + block * BLOCK_OBJECTS);
      }
    }
  }

  #addDamage(within: IndexRange, damage: IndexRange): void {
    const part = intersect(within, damage);
    if (part.begin < part.end) this.damaged.push(part);
  }
}
