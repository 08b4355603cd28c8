/** Objects from `begin` up to `end` of a pool. */
export interface IndexRange {
  readonly begin: number;
  readonly end: number;
}

/** Objects whose states a source knows, and how recent that knowledge is. */
export interface KnownRange extends IndexRange {
  /** When the run that owned the range began, by the controller's clock, in ms since the epoch. */
  readonly generation: number;
  /** The flush that wrote it, counted within one cache. */
  readonly sequence: number;
}

/** Whom to believe about a range. */
export interface Choice extends IndexRange {
  /** Index of the source. */
  readonly source: number;
  /** The range of that source that this is a part of. */
  readonly known: KnownRange;
}

/**
 * Whom to believe: of several sources that know an object, the one of the latest generation, then of the highest
 * sequence, then the first. Ranges that nobody knows are in no choice.
 *
 * @param sources what each source knows; its ranges may overlap
 * @param within where an answer is wanted
 * @returns disjoint ranges, ascending
 */
export function chooseNewest(
  sources: readonly (readonly KnownRange[])[],
  within: IndexRange,
): readonly Choice[] {
  const candidates = rankKnown(sources, within);
  const edges = [...new Set(candidates.flatMap(({ begin, end }) => [begin, end]))].sort(
    (a, b) => a - b,
  );
  const choices: Choice[] = [];
  edges.forEach((begin, position) => {
    const end = edges[position + 1];
    const best = candidates.find((range) => range.begin <= begin && begin < range.end);
    if (end === undefined || best === undefined) return;
    const last = choices.at(-1);
    const continues = last?.end === begin && last.known === best.known;
    if (continues) choices[choices.length - 1] = { ...last, end };
    else choices.push({ ...best, begin, end });
  });
  return choices;
}

/** All that sources know within a range, whom to believe first; it may overlap. */
export function rankKnown(
  sources: readonly (readonly KnownRange[])[],
  within: IndexRange,
): readonly Choice[] {
  return sources
    .flatMap((ranges, source) =>
      ranges.map((known) => ({ ...intersect(known, within), source, known })),
    )
    .filter(({ begin, end }) => begin < end)
    .sort(byRank);
}

/** What two ranges have in common; `begin` is not below `end` when that is nothing. */
export function intersect(range: IndexRange, other: IndexRange): IndexRange {
  return { begin: Math.max(range.begin, other.begin), end: Math.min(range.end, other.end) };
}

/** What is left of ranges when another range is taken out of them. */
export function subtract(ranges: readonly IndexRange[], taken: IndexRange): readonly IndexRange[] {
  return ranges
    .flatMap(({ begin, end }) => [
      { begin, end: Math.min(end, taken.begin) },
      { begin: Math.max(begin, taken.end), end },
    ])
    .filter(({ begin, end }) => begin < end);
}

function byRank(a: Choice, b: Choice): number {
  return (
    b.known.generation - a.known.generation ||
    b.known.sequence - a.known.sequence ||
    a.source - b.source
  );
}
