import type { IndexRange, KnownRange } from '../snapshot/known-range.ts';
import { decodeStates, encodedCount } from '../snapshot/state-codec.ts';
import type { StateSource } from '../snapshot/state-source.ts';
import type { ObjectStates } from '../states/object-states.ts';
import { checkpointError } from './checkpoint-errors.ts';
import {
  type CheckpointManifest,
  decodeManifest,
  MANIFEST_NAME,
  parsePartName,
  PART_OBJECTS,
  partName,
  partsOf,
} from './manifest.ts';
import { readMembers } from './read-members.ts';

/** A checkpoint file that was found whole. */
export interface Checkpoint {
  readonly manifest: CheckpointManifest;
  /** What it knows of a pool; nothing when it has another one. Reading it reads the file again. */
  readonly sources: (identity: string) => readonly StateSource[];
}

/**
 * Reads a checkpoint through and checks all of it, in little memory.
 *
 * Throws `CHECKPOINT_TRUNCATED`, `CHECKPOINT_FOREIGN`, `CHECKPOINT_VERSION`, `CHECKPOINT_DAMAGED` or
 * `CHECKPOINT_UNREADABLE`.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const objects = new Map<string, number>();
  let manifest: CheckpointManifest | undefined;
  for await (const { name, bytes } of readMembers(path)) {
    if (manifest !== undefined) {
      throw checkpointError('CHECKPOINT_DAMAGED', path, `${name} comes after the manifest`);
    }
    if (name === MANIFEST_NAME) manifest = decodeManifest(bytes, path);
    else if (parsePartName(name) === undefined) {
      throw checkpointError('CHECKPOINT_FOREIGN', path, `it contains ${JSON.stringify(name)}`);
    } else objects.set(name, countIn(bytes, name, path));
  }
  if (manifest === undefined) {
    throw checkpointError('CHECKPOINT_TRUNCATED', path, 'it has no manifest');
  }
  checkParts(manifest, objects, path);
  const { pools } = manifest;
  return {
    manifest,
    sources: (identity) =>
      pools.flatMap(({ range, ...pool }, position) =>
        pool.identity === identity ? [new CheckpointSource(path, position, range)] : [],
      ),
  };
}

/** States of one range in a checkpoint. */
class CheckpointSource implements StateSource {
  readonly ranges: readonly KnownRange[];
  readonly #path: string;
  readonly #pool: number;

  constructor(path: string, pool: number, range: KnownRange) {
    this.ranges = [range];
    this.#path = path;
    this.#pool = pool;
  }

  async copyTo(
    states: ObjectStates,
    range: IndexRange,
    known: KnownRange,
    index: number,
  ): Promise<void> {
    for await (const { name, bytes } of readMembers(this.#path)) {
      const part = parsePartName(name);
      if (part?.pool !== this.#pool) continue;
      const partBegin = known.begin + part.part * PART_OBJECTS;
      const begin = Math.max(range.begin, partBegin);
      const end = Math.min(range.end, partBegin + countIn(bytes, name, this.#path));
      if (begin >= end) continue;
      decodeStates(bytes, states, begin - partBegin, index + begin - range.begin, end - begin);
    }
  }
}

/** Checks that every range has all of its parts. */
function checkParts(
  { pools }: CheckpointManifest,
  objects: ReadonlyMap<string, number>,
  path: string,
): void {
  let parts = 0;
  for (const [pool, { range }] of pools.entries()) {
    for (let part = 0; part < partsOf(range); part++, parts++) {
      const begin = range.begin + part * PART_OBJECTS;
      const expected = Math.min(PART_OBJECTS, range.end - begin);
      if (objects.get(partName(pool, part)) === expected) continue;
      throw checkpointError('CHECKPOINT_DAMAGED', path, `${partName(pool, part)} is not complete`);
    }
  }
  if (objects.size !== parts) {
    throw checkpointError('CHECKPOINT_DAMAGED', path, 'it has states of no range');
  }
}

function countIn(bytes: Uint8Array, name: string, path: string): number {
  try {
    return encodedCount(bytes);
  } catch (error) {
    throw checkpointError('CHECKPOINT_DAMAGED', path, `${name} is damaged`, error);
  }
}
