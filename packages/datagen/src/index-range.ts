/** Consecutive whole numbers from `begin` up to but not including `end`. */
export interface IndexRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * The share of `part` (0-based) when `count` items are dealt to `parts` owners: contiguous, covering
 * every item once, sizes differing by at most one. Exact for counts up to 2^53.
 */
export function partition(count: number, part: number, parts: number): IndexRange {
  return { begin: shareBegin(count, part, parts), end: shareBegin(count, part + 1, parts) };
}

/** Which part's share, as {@link partition} deals it, item `index` belongs to. */
export function partOf(count: number, index: number, parts: number): number {
  let part = Math.min(parts - 1, Math.floor((index / count) * parts));
  // The quotient is rounded, so it may be off by one.
  while (shareBegin(count, part, parts) > index) part--;
  while (shareBegin(count, part + 1, parts) <= index) part++;
  return part;
}

/** How many numbers are in both ranges. */
export function overlap(one: IndexRange, other: IndexRange): number {
  return Math.max(0, Math.min(one.end, other.end) - Math.max(one.begin, other.begin));
}

/** floor(count * part / parts), without a product beyond 2^53. */
function shareBegin(count: number, part: number, parts: number): number {
  const rest = count % parts;
  return ((count - rest) / parts) * part + Math.floor((rest * part) / parts);
}
