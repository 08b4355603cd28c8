export { OBJECT_STATES } from './states/object-state.ts';
export { ObjectStates } from './states/object-states.ts';
export { allocateObjectStates } from './states/state-memory.ts';

export type { ObjectState, StateCounts } from './states/object-state.ts';
