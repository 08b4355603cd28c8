/** Consecutive whole numbers from `begin` up to but not including `end`. */
export interface IndexRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * The share of `part` (0-based) when `count` items are dealt to `parts` owners: contiguous, covering
 * every item once, sizes differing by at most one.
 */
export function partition(count: number, part: number, parts: number): IndexRange {
  return {
    begin: Math.floor((count * part) / parts),
    end: Math.floor((count * (part + 1)) / parts),
  };
}
