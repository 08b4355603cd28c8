import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import type { KnownRange } from '../snapshot/known-range.ts';
import type { StateSource } from '../snapshot/state-source.ts';
import { encodeStates } from '../snapshot/state-codec.ts';
import { copyStates } from '../states/copy-states.ts';
import { OBJECT_STATES } from '../states/object-state.ts';
import { ObjectStates } from '../states/object-states.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import {
  type CheckpointManifest,
  type CheckpointPool,
  encodeManifest,
  MANIFEST_NAME,
  PART_OBJECTS,
  partName,
} from './manifest.ts';
import { encodeTarHeader, TAR_END, tarPaddingBytes } from './ustar.ts';

/** What goes into a checkpoint. */
export interface CheckpointContent {
  readonly agent: string;
  readonly bootId: string;
  readonly createdAt: Date;
  readonly pools: readonly {
    readonly identity: string;
    /** The range and how recent it is, as a `CachedPool` says it. */
    readonly range: KnownRange;
    readonly states: ObjectStates;
    /** What a run has begun to do to the pool, and not ended. */
    readonly marks?: readonly string[];
    /** When the first run that made objects of the pool began, ISO 8601; undefined when that is not known. */
    readonly madeSince?: string | undefined;
  }[];
  /** States of others, taken over from an earlier checkpoint. */
  readonly foreign?: readonly {
    readonly identity: string;
    readonly range: KnownRange;
    /** The range of the source that this is a part of. */
    readonly known: KnownRange;
    readonly source: StateSource;
    readonly marks: readonly string[];
    readonly madeSince?: string | undefined;
  }[];
}

/** A checkpoint that was written. */
export interface WrittenCheckpoint {
  readonly sizeBytes: number;
  readonly manifest: CheckpointManifest;
}

/**
 * Writes states to a `.tar.zst` file, a piece at a time. States may change meanwhile: each is as it was at some moment
 * of the call, and the manifest, which comes last, counts what was written.
 *
 * The file appears under its name only when it is complete.
 *
 * @param signal ends the writing early; nothing is left then
 */
export async function writeCheckpoint(
  path: string,
  content: CheckpointContent,
  signal: AbortSignal = new AbortController().signal,
): Promise<WrittenCheckpoint> {
  const temporary = `${path}.new`;
  const archive = new Archive(content);
  try {
    await pipeline(
      Readable.from(archive.bytes(), { objectMode: false, highWaterMark: 1 }),
      createZstdCompress(),
      createWriteStream(temporary, { flush: true }),
      { signal },
    );
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const { size: sizeBytes } = await stat(path);
  return { sizeBytes, manifest: archive.manifest() };
}

/** The bytes of an archive, made as they are asked for. */
class Archive {
  readonly #content: CheckpointContent;
  readonly #part = new ObjectStates(allocateObjectStates(PART_OBJECTS), PART_OBJECTS);
  readonly #written: CheckpointPool[] = [];

  constructor(content: CheckpointContent) {
    this.#content = content;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for (const [pool, content] of this.#content.pools.entries()) {
      const { identity, madeSince, marks = [], range, states } = content;
      const counts = { ...this.#part.counts(0, 0) };
      for (let begin = 0, part = 0; begin < states.count; begin += PART_OBJECTS, part++) {
        const count = Math.min(PART_OBJECTS, states.count - begin);
        copyStates(states, begin, this.#part, 0, count);
        const counted = this.#part.counts(0, count);
        for (const state of OBJECT_STATES) counts[state] += counted[state];
        yield* this.#member(partName(pool, part), encodeStates(this.#part, 0, count));
      }
      this.#written.push({ identity, range, counts, marks, madeSince });
    }
    yield* this.#foreign();
    yield* this.#member(MANIFEST_NAME, encodeManifest(this.manifest()));
    yield TAR_END;
  }

  async *#foreign(): AsyncGenerator<Uint8Array> {
    for (const content of this.#content.foreign ?? []) {
      const { identity, known, madeSince, marks, range, source } = content;
      const pool = this.#written.length;
      const counts = { ...this.#part.counts(0, 0) };
      for (let { begin } = range, part = 0; begin < range.end; begin += PART_OBJECTS, part++) {
        const end = Math.min(begin + PART_OBJECTS, range.end);
        await source.copyTo(this.#part, { begin, end }, known, 0);
        const counted = this.#part.counts(0, end - begin);
        for (const state of OBJECT_STATES) counts[state] += counted[state];
        yield* this.#member(partName(pool, part), encodeStates(this.#part, 0, end - begin));
      }
      this.#written.push({ identity, range, counts, marks, madeSince });
    }
  }

  /** What was written so far. */
  manifest(): CheckpointManifest {
    const { agent, bootId, createdAt } = this.#content;
    return { agent, bootId, createdAt: createdAt.toISOString(), pools: this.#written };
  }

  *#member(name: string, bytes: Uint8Array): Generator<Uint8Array> {
    const modifiedS = this.#content.createdAt.getTime() / 1000;
    yield encodeTarHeader({ name, sizeBytes: bytes.length }, modifiedS);
    yield bytes;
    yield new Uint8Array(tarPaddingBytes(bytes.length));
  }
}
