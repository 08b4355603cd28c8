import type { ObjectState, ObjectStates } from '@sai3bench/metadata-cache';

/** Changes the state of those `unknown` objects that are in a certain state elsewhere; returns how many. */
export function replaceWhere(
  states: ObjectStates,
  elsewhere: ObjectStates,
  where: ObjectState,
  state: ObjectState,
): number {
  let replaced = 0;
  for (let begin = elsewhere.nextIn(where, 0); begin < elsewhere.count;) {
    const end = elsewhere.nextNotIn(where, begin);
    replaced += states.replace('unknown', state, begin, end);
    begin = elsewhere.nextIn(where, end);
  }
  return replaced;
}
