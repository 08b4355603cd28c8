import { copyStates } from '../states/copy-states.ts';
import { ObjectStates } from '../states/object-states.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import { rankKnown } from './known-range.ts';
import type { StateSource } from './state-source.ts';

/**
 * Finds what was known earlier of objects that are `unknown`, because whoever knows them best says nothing of them. Any
 * other newer statement stands. Sources are read only where something is `unknown`.
 *
 * @param states as `restoreStates` has filled them from the same sources; they are left as they are
 * @param begin index of the first object in the pool
 * @returns the same states, but for each `unknown` the newest other statement; undefined when there can be none
 */
export async function olderStates(
  states: ObjectStates,
  begin: number,
  sources: readonly StateSource[],
): Promise<ObjectStates | undefined> {
  const { count } = states;
  const first = states.nextIn('unknown', 0);
  if (first === count) return undefined;
  const ranked = rankKnown(
    sources.map(({ ranges }) => ranges),
    { begin: begin + first, end: begin + count },
  );
  // A single one has been asked already.
  if (ranked.length < 2) return undefined;
  const filled = new ObjectStates(allocateObjectStates(count), count);
  copyStates(states, 0, filled, 0, count);
  const said = new ObjectStates(allocateObjectStates(count), count);
  for (const { source, known, ...range } of ranked) {
    const position = range.begin - begin;
    if (filled.countOf('unknown', position, range.end - begin) === 0) continue;
    await sources[source]?.copyTo(said, range, known, position);
    // What earlier turns have left in `said` is in `filled` already.
    filled.fillUnknown(said);
  }
  return filled;
}
