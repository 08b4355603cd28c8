import { crc32 } from 'node:zlib';
import type { KnownRange } from '../snapshot/known-range.ts';
import { OBJECT_STATES, type StateCounts } from '../states/object-state.ts';
import { checkpointError } from './checkpoint-errors.ts';

export const MANIFEST_NAME = 'manifest.json';
/** Objects in one member of an archive: 1.5 MiB of states at most. */
export const PART_OBJECTS = 64 * 65_536;
const FORMAT = 'sai3bench-checkpoint';
const VERSION = 1;

/** A range of a pool in a checkpoint. */
export interface CheckpointPool {
  readonly identity: string;
  readonly range: KnownRange;
  readonly counts: StateCounts;
  /** What a run had begun to do to the pool, and not ended. */
  readonly marks?: readonly string[];
  /** When the first run that made objects of the pool began, ISO 8601; undefined when that is not known. */
  readonly madeSince?: string | undefined;
}

/** What a checkpoint says of itself. */
export interface CheckpointManifest {
  /** The agent whose states these are. */
  readonly agent: string;
  /** Boot of the agent's machine. */
  readonly bootId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly pools: readonly CheckpointPool[];
}

/** Name of the member with a part of a pool's states. */
export function partName(pool: number, part: number): string {
  return `pool-${String(pool)}/part-${String(part).padStart(6, '0')}.states`;
}

/** The pool and part of a member's name; undefined for any other name. */
export function parsePartName(name: string): { pool: number; part: number } | undefined {
  const match = /^pool-(\d{1,9})\/part-(\d{6,9})\.states$/.exec(name);
  return match === null ? undefined : { pool: Number(match[1]), part: Number(match[2]) };
}

/** Number of members of a range. */
export function partsOf({ begin, end }: KnownRange): number {
  return Math.ceil((end - begin) / PART_OBJECTS);
}

export function encodeManifest(manifest: CheckpointManifest): Uint8Array {
  const { agent, bootId, createdAt, pools } = manifest;
  const checksum = checksumOf(manifest);
  const fields = { format: FORMAT, version: VERSION, agent, bootId, createdAt, pools, checksum };
  return Buffer.from(`${JSON.stringify(fields, undefined, 2)}\n`);
}

/** Reads a manifest; throws `CHECKPOINT_FOREIGN`, `CHECKPOINT_VERSION` or `CHECKPOINT_DAMAGED`. */
export function decodeManifest(bytes: Uint8Array, path: string): CheckpointManifest {
  const fields = parse(bytes);
  if (fields?.['format'] !== FORMAT) {
    throw checkpointError('CHECKPOINT_FOREIGN', path, 'it is not a checkpoint of sai3bench');
  }
  if (fields['version'] !== VERSION) {
    const version = String(fields['version']);
    throw checkpointError('CHECKPOINT_VERSION', path, `it is of version ${version}`);
  }
  const { agent, bootId, createdAt, pools } = fields;
  const isValid =
    typeof agent === 'string' &&
    typeof bootId === 'string' &&
    typeof createdAt === 'string' &&
    Array.isArray(pools) &&
    pools.every(isPool);
  if (!isValid) throw checkpointError('CHECKPOINT_DAMAGED', path, 'its manifest is not complete');
  const manifest = { agent, bootId, createdAt, pools };
  if (fields['checksum'] === checksumOf(manifest)) return manifest;
  throw checkpointError('CHECKPOINT_DAMAGED', path, 'the checksum of its manifest does not fit');
}

/** Node.js does not look at the checksum of a zstd frame that comes as a stream. */
function checksumOf({ agent, bootId, createdAt, pools }: CheckpointManifest): number {
  return crc32(JSON.stringify([agent, bootId, createdAt, pools]));
}

/** Undefined for what is no JSON object: then it is foreign. */
function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPool(value: unknown): value is CheckpointPool {
  if (!isRecord(value) || typeof value['identity'] !== 'string') return false;
  const { range, counts, madeSince = '', marks = [] } = value;
  if (!Array.isArray(marks) || !marks.every((mark) => typeof mark === 'string')) return false;
  if (!isRecord(range) || !isRecord(counts) || typeof madeSince !== 'string') return false;
  const numbers = [range['begin'], range['end'], range['generation'], range['sequence']];
  const areCounts = OBJECT_STATES.every((state) => isCount(counts[state]));
  return numbers.every(isCount) && areCounts && Number(range['begin']) <= Number(range['end']);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
