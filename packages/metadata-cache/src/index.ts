export { readCheckpoint } from './checkpoint/read-checkpoint.ts';
export { writeCheckpoint } from './checkpoint/write-checkpoint.ts';
export { CachedPool } from './cache/cached-pool.ts';
export { identityOf } from './cache/identity.ts';
export { MetadataCache } from './cache/metadata-cache.ts';
export { chooseNewest } from './snapshot/known-range.ts';
export { olderStates } from './snapshot/older-states.ts';
export { decodeStates, encodedCount, encodeStates } from './snapshot/state-codec.ts';
export { EncodedSource, restoreStates } from './snapshot/state-source.ts';
export { OBJECT_STATES } from './states/object-state.ts';
export { ObjectStates } from './states/object-states.ts';
export { allocateObjectStates } from './states/state-memory.ts';

export type { CheckpointManifest, CheckpointPool } from './checkpoint/manifest.ts';
export type { Checkpoint } from './checkpoint/read-checkpoint.ts';
export type { CheckpointContent, WrittenCheckpoint } from './checkpoint/write-checkpoint.ts';
export type { AttachReport } from './cache/cached-pool.ts';
export type { CacheOwner } from './cache/cache-lock.ts';
export type { FileSystemKind } from './cache/file-system-kind.ts';
export type { JsonValue } from './cache/json-value.ts';
export type {
  AttachOptions,
  CacheOpening,
  CacheOptions,
  FlushReport,
} from './cache/metadata-cache.ts';
export type { SetAside } from './cache/open-database.ts';
export type { Choice, IndexRange, KnownRange } from './snapshot/known-range.ts';
export type { StateSource } from './snapshot/state-source.ts';
export type { ObjectState, StateCounts } from './states/object-state.ts';
