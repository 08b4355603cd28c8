/**
 * What is known of an object. `created` is said only after the store has acknowledged the object; `creating`
 * means that it may or may not be there.
 */
export const OBJECT_STATES = ['planned', 'creating', 'created', 'failed', 'deleted'] as const;

export type ObjectState = (typeof OBJECT_STATES)[number];
