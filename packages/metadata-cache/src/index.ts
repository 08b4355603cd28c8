export { OBJECT_STATES } from './object-state.ts';
export { allocateObjectStates, ObjectStates } from './object-states.ts';

export type { ObjectState } from './object-state.ts';
