import type { IndexRange, KnownRange } from '../snapshot/known-range.ts';

/**
 * A stretch of a pool whose states are stored together: what one attached range has left. Segments count from
 * `base`; only the objects in `parts` still belong to it, the rest has passed to pieces that are newer.
 */
export interface StoredPiece {
  readonly id: number;
  /** Hash of what defines the pool. */
  readonly identity: string;
  readonly base: number;
  readonly parts: readonly IndexRange[];
  readonly generation: number;
  readonly sequence: number;
  /** Boot of the machine at which it was last known which objects the storage had on stable media. */
  readonly bootId: string;
  /** What was flushed up to this sequence is on the storage's stable media. */
  readonly syncedSequence: number;
}

/** What a piece knows, as sources say it. */
export function knownRanges({ parts, generation, sequence }: StoredPiece): readonly KnownRange[] {
  return parts.map(({ begin, end }) => ({ begin, end, generation, sequence }));
}
