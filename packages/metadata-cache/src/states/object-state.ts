/**
 * What is known of an object, in the order of the codes in memory and on disk: fresh memory is all `unknown`, which
 * means that nobody has said. `created` is said only after the store has acknowledged the object; `creating` means
 * that it may or may not be there; `found` that it is there, but that it is not known who made it.
 */
export const OBJECT_STATES = [
  'unknown',
  'planned',
  'creating',
  'created',
  'failed',
  'deleted',
  'found',
] as const;

export type ObjectState = (typeof OBJECT_STATES)[number];

/** The code of each state. */
export const STATE_CODES: Readonly<Record<ObjectState, number>> = {
  unknown: 0,
  planned: 1,
  creating: 2,
  created: 3,
  failed: 4,
  deleted: 5,
  found: 6,
};

/** How many objects are in each state. */
export type StateCounts = Readonly<Record<ObjectState, number>>;

/** The state of a code; a code that no state has means `unknown`. */
export function stateOfCode(code: number): ObjectState {
  return OBJECT_STATES[code] ?? 'unknown';
}
