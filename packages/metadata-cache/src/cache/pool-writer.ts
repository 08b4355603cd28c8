import { intersect, type KnownRange, subtract } from '../snapshot/known-range.ts';
import type { ObjectStates } from '../states/object-states.ts';
import { SEGMENT_OBJECTS, SegmentBuffer } from '../states/segment.ts';
import { BLOCKS_PER_DIRTY_WORD, type StateMemory, viewStates } from '../states/state-memory.ts';
import { BlockLog } from './block-log.ts';
import type { CacheDatabase } from './cache-database.ts';
import { LogFolding } from './log-folding.ts';
import type { StoredPiece } from './stored-piece.ts';
import { readUnsynced, SEGMENT_DIRTY_WORDS, UnsyncedBlocks } from './unsynced-blocks.ts';

/** A segment with so many changed blocks is written whole: that takes little more room than its blocks one by one. */
const WHOLE_BLOCKS = 512;
/** Old logs removed in one flush. */
const DROP_LOGS = 16;

/** Writes what has changed in the states of one attached range. */
export class PoolWriter {
  readonly unsynced: UnsyncedBlocks;
  readonly #database: CacheDatabase;
  readonly #states: ObjectStates;
  readonly #memory: StateMemory;
  readonly #folding: LogFolding;
  readonly #segment = new SegmentBuffer();
  readonly #log = new BlockLog();
  #piece: StoredPiece;
  /** The piece's row is not what it should be. */
  #isPieceStale = true;
  /** Dirty bits that the flush under way has taken: word, bits, word, bits and so on. */
  #taken: number[] = [];
  #wroteAny = false;

  /**
   * @param piece where the states go: one in the file whose states these are, or a new one
   * @param isStored whether it is in the file
   */
  constructor(
    database: CacheDatabase,
    states: ObjectStates,
    piece: StoredPiece,
    isStored: boolean,
  ) {
    const segments = Math.ceil(states.count / SEGMENT_OBJECTS);
    this.#database = database;
    this.#states = states;
    this.#memory = viewStates(states.memory, states.count);
    this.#piece = piece;
    this.unsynced = isStored
      ? readUnsynced(database, piece, segments)
      : new UnsyncedBlocks(segments);
    this.#folding = isStored
      ? LogFolding.read(database, piece, states.count)
      : new LogFolding(states.count);
  }

  get known(): KnownRange {
    const { base, generation, sequence } = this.#piece;
    return { begin: base, end: base + this.#states.count, generation, sequence };
  }

  get piece(): StoredPiece {
    return this.#piece;
  }

  /** What was flushed up to `sequence` is on the storage's stable media. */
  synced(sequence: number, bootId: string): void {
    this.#piece = { ...this.#piece, syncedSequence: sequence, bootId };
    this.#isPieceStale = true;
  }

  /** Writes the states that have changed, with what folding is due; yields the bytes of each step. */
  *write(sequence: number): Generator<number> {
    let loggedBytes = 0;
    const append = (): number => {
      const records = this.#log.take();
      this.#database.logs.append(this.#piece.id, this.#folding.fold, sequence, records);
      this.#folding.logged(records.length);
      loggedBytes += records.length;
      return records.length;
    };
    const segments = Math.ceil(this.#states.count / SEGMENT_OBJECTS);
    for (let segment = 0; segment < segments; segment++) {
      const first = this.#taken.length;
      const blocks = this.#takeDirty(segment);
      if (blocks === 0) continue;
      if (blocks >= WHOLE_BLOCKS) {
        yield this.#writeSegment(segment, sequence);
        continue;
      }
      this.#folding.add(segment);
      for (let position = first; position < this.#taken.length; position += 2) {
        const word = this.#taken[position] ?? 0;
        const bits = this.#taken[position + 1] ?? 0;
        for (let bit = 0; bit < BLOCKS_PER_DIRTY_WORD; bit++) {
          if (((bits >>> bit) & 1) === 0) continue;
          const block = word * BLOCKS_PER_DIRTY_WORD + bit;
          this.#log.add(block, this.#memory.words);
          if (this.#log.isFull) yield append();
        }
      }
    }
    if (!this.#log.isEmpty) yield append();
    for (const segment of this.#folding.step(loggedBytes)) {
      yield this.#writeSegment(segment, sequence);
    }
    if (this.#folding.canDrop) {
      const dropped = this.#database.logs.delete(this.#piece.id, this.#folding.fold, DROP_LOGS);
      if (dropped < DROP_LOGS) this.#folding.dropped();
      if (dropped > 0) yield 0;
    }
    if (this.#folding.isDue) this.#folding.begin();
    this.#wroteAny = this.#taken.length > 0;
  }

  /** Writes the piece's row, after all states; returns whether there was a reason to. */
  finish(sequence: number): boolean {
    if (!this.#wroteAny && !this.#isPieceStale) return false;
    this.#piece = { ...this.#piece, sequence };
    this.#database.putPiece(this.#piece);
    if (this.#isPieceStale) this.#supersede();
    return true;
  }

  /** What was written is there to stay. */
  committed(): void {
    this.#taken = [];
    this.#folding.committed();
    this.#isPieceStale = false;
  }

  /** What was written is not there, or perhaps not: it is to be written again. */
  undone(): void {
    for (let position = 0; position < this.#taken.length; position += 2) {
      Atomics.or(this.#memory.dirty, this.#taken[position] ?? 0, this.#taken[position + 1] ?? 0);
    }
    this.#taken = [];
    this.#log.take();
    this.#folding.undone();
    this.#isPieceStale = true;
  }

  /** @returns how many blocks of a segment have changed */
  #takeDirty(segment: number): number {
    const { dirty } = this.#memory;
    const end = Math.min((segment + 1) * SEGMENT_DIRTY_WORDS, dirty.length);
    let blocks = 0;
    for (let word = segment * SEGMENT_DIRTY_WORDS; word < end; word++) {
      if (dirty[word] === 0) continue;
      const bits = Atomics.exchange(dirty, word, 0);
      this.#taken.push(word, bits);
      this.unsynced.add(word, bits);
      blocks += countBits(bits);
    }
    return blocks;
  }

  #writeSegment(segment: number, sequence: number): number {
    const from = segment * SEGMENT_OBJECTS;
    const count = Math.min(SEGMENT_OBJECTS, this.#states.count - from);
    const content = this.#segment.read(this.#states, from, count);
    const unsynced = this.unsynced.ofSegment(segment);
    this.#folding.wrote(segment);
    return this.#database.segments.put(this.#piece.id, segment, sequence, content, unsynced);
  }

  /** Takes the range out of the pieces that knew it before. */
  #supersede(): void {
    const { identity, id, base } = this.#piece;
    const range = { begin: base, end: base + this.#states.count };
    for (const piece of this.#database.pieces()) {
      if (piece.identity !== identity || piece.id === id) continue;
      const parts = subtract(piece.parts, range);
      if (parts.length === 0) {
        this.#database.deletePiece(piece.id);
        continue;
      }
      if (piece.parts.every((part) => isApart(part, range))) continue;
      this.#database.putPiece({ ...piece, parts });
      const first = Math.ceil((range.begin - piece.base) / SEGMENT_OBJECTS);
      const end = Math.floor((range.end - piece.base) / SEGMENT_OBJECTS);
      if (first < end) this.#database.segments.delete(piece.id, Math.max(first, 0), end);
    }
  }
}

function isApart(
  range: { begin: number; end: number },
  other: { begin: number; end: number },
): boolean {
  const common = intersect(range, other);
  return common.begin >= common.end;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
