import { type Choice, type IndexRange, intersect } from '../snapshot/known-range.ts';
import { restoreStates, type StateSource } from '../snapshot/state-source.ts';
import type { ObjectStates } from '../states/object-states.ts';
import { SEGMENT_OBJECTS } from '../states/segment.ts';
import type { CacheDatabase } from './cache-database.ts';
import type { AttachReport } from './cached-pool.ts';
import { PieceSource } from './piece-source.ts';
import type { StoredPiece } from './stored-piece.ts';
import { readUnsynced } from './unsynced-blocks.ts';

/** A range of a pool that is to be kept in a cache. */
export interface AttachOptions {
  /** Hash of what defines the pool, see `identityOf`. */
  readonly identity: string;
  /** Index in the pool of the first object; the range ends with the states. */
  readonly begin: number;
  /** When the run that owns the range from now on began, by the controller's clock, in ms since the epoch. */
  readonly generation: number;
  /** Receives what is known. Nobody may change it until `attach` has returned. */
  readonly states: ObjectStates;
  /** Who else knows states: other agents' caches, checkpoints. The newest is believed, object by object. */
  readonly others?: readonly StateSource[];
}

/** A range whose states have been filled with what is known. */
export interface AttachedRange {
  /** Where its states go from now on; the id is that of a piece in the file, or undefined for a new one. */
  readonly piece: Omit<StoredPiece, 'id' | 'sequence'> & { readonly id: number | undefined };
  readonly report: AttachReport;
}

/**
 * Fills the states of a range with the newest that is known, and marks as changed what is not in the file as it is now.
 *
 * @param pieces what the file has of the pool
 * @param bootId of the machine as it runs
 */
export async function attachRange(
  database: CacheDatabase,
  pieces: readonly StoredPiece[],
  { begin, generation, identity, others = [], states }: AttachOptions,
  bootId: string,
): Promise<AttachedRange> {
  const range = { begin, end: begin + states.count };
  const own = pieces.map((piece) => new PieceSource(database, piece));
  const restored = await restoreStates(states, begin, [...own, ...others]);
  const damaged = own.flatMap((source) => source.damaged);
  for (const damage of damaged) states.touch(damage.begin - begin, damage.end - begin);
  const suspects = pieces
    .map((piece) => ({
      bootId: piece.bootId,
      ranges: suspectsOf(database, piece, range, bootId),
    }))
    .filter(({ ranges }) => ranges.length > 0);
  const continued = continuedPiece(own, restored, range);
  states.touch(continued === undefined ? 0 : partEnd(continued) - begin, states.count);
  return {
    piece: {
      id: continued?.id,
      identity,
      base: begin,
      parts: [range],
      generation,
      bootId: continued?.bootId ?? suspects[0]?.bootId ?? bootId,
      syncedSequence: continued?.syncedSequence ?? 0,
    },
    report: { restored, damaged, suspect: suspects.flatMap(({ ranges }) => ranges) },
  };
}

/** What of a piece may have been lost with the machine's last boot. */
function suspectsOf(
  database: CacheDatabase,
  piece: StoredPiece,
  range: IndexRange,
  bootId: string,
): readonly IndexRange[] {
  if (piece.bootId === bootId) return [];
  const segments = Math.ceil((partEnd(piece) - piece.base) / SEGMENT_OBJECTS);
  return readUnsynced(database, piece, segments)
    .ranges(piece.base)
    .flatMap((blocks) => piece.parts.map((part) => intersect(intersect(blocks, part), range)))
    .filter(({ begin, end }) => begin < end);
}

/**
 * The stored piece that goes on as an attached range: the only one that its states came from, with the same beginning.
 * Otherwise the range is written anew.
 */
function continuedPiece(
  own: readonly PieceSource[],
  restored: readonly Choice[],
  range: IndexRange,
): StoredPiece | undefined {
  const [first, ...rest] = restored;
  if (first === undefined || rest.length > 0) return undefined;
  const piece = own[first.source]?.piece;
  const [part, ...others] = piece?.parts ?? [];
  const begins = piece?.base === range.begin && part?.begin === range.begin;
  return begins && others.length === 0 && part.end <= range.end ? piece : undefined;
}

function partEnd({ parts, base }: StoredPiece): number {
  return parts.at(-1)?.end ?? base;
}
