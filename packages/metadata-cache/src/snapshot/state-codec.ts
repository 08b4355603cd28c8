import { crc32 } from 'node:zlib';
import { BenchError } from '@sai3bench/errors';
import { copyStates } from '../states/copy-states.ts';
import { OBJECT_STATES } from '../states/object-state.ts';
import type { ObjectStates } from '../states/object-states.ts';
import { packedSizeBytes, SEGMENT_OBJECTS, SegmentBuffer, uniformCode } from '../states/segment.ts';

/**
 * Encoded states, little-endian:
 *
 *   | version u32 | count f64 | runs | CRC-32 of all before u32 |
 *
 * A run is u32 `segments * 256 + tag`. Tag 0 to 6: that many segments in this one state. Tag 255: one segment, whose
 * packed states follow. Segments have 65 536 objects, the last one may have fewer.
 */
const VERSION = 1;
const HEADER_BYTES = 12;
const WORD_BYTES = 4;
const PACKED_TAG = 255;
const TAGS = 256;

/**
 * The states of the objects from `begin` up to `end` in a few bytes: 3 bits for each object at most, and next to
 * nothing where 65 536 in a row are in one state. Each state is as it was at some moment during the call.
 */
export function encodeStates(states: ObjectStates, begin = 0, end = states.count): Uint8Array {
  const buffer = new SegmentBuffer();
  const count = end - begin;
  const segments = Math.ceil(count / SEGMENT_OBJECTS);
  const parts: Buffer[] = [Buffer.alloc(HEADER_BYTES)];
  let uniform: number | undefined;
  let run = 0;
  const endRun = (): void => {
    if (uniform !== undefined) parts.push(encodeWord(run * TAGS + uniform));
    run = 0;
  };
  for (let segment = 0; segment < segments; segment++) {
    const from = begin + segment * SEGMENT_OBJECTS;
    const content = buffer.read(states, from, Math.min(SEGMENT_OBJECTS, end - from));
    const code = uniformCode(content);
    if (code !== uniform) endRun();
    uniform = code;
    run++;
    if (typeof content !== 'string')
      parts.push(encodeWord(TAGS + PACKED_TAG), Buffer.from(content));
  }
  endRun();
  parts[0]?.writeUInt32LE(VERSION, 0);
  parts[0]?.writeDoubleLE(count, WORD_BYTES);
  parts.push(Buffer.alloc(WORD_BYTES));
  const bytes = Buffer.concat(parts);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -WORD_BYTES)), bytes.length - WORD_BYTES);
  return bytes;
}

/** Number of objects in encoded states. Throws when they are damaged or of another version. */
export function encodedCount(encoded: Uint8Array): number {
  const bytes = asBuffer(encoded);
  const intact =
    bytes.length >= HEADER_BYTES + WORD_BYTES &&
    crc32(bytes.subarray(0, -WORD_BYTES)) === bytes.readUInt32LE(bytes.length - WORD_BYTES);
  if (!intact) throw damaged('their checksum does not fit');
  const version = bytes.readUInt32LE(0);
  if (version !== VERSION) throw damaged(`they are of version ${String(version)}`);
  return bytes.readDoubleLE(WORD_BYTES);
}

/**
 * Copies encoded states into others, which are marked as changed.
 *
 * @param first the encoded object to begin with
 * @param index where that goes
 * @param count how many
 */
export function decodeStates(
  encoded: Uint8Array,
  states: ObjectStates,
  first = 0,
  index = 0,
  count = encodedCount(encoded) - first,
): void {
  const total = encodedCount(encoded);
  if (first + count > total) throw damaged(`they have only ${String(total)} objects`);
  const buffer = new SegmentBuffer();
  const last = first + count;
  const copy = (segmentBegin: number, objects: number): void => {
    const from = Math.max(segmentBegin, first);
    const to = Math.min(segmentBegin + objects, last);
    if (from >= to) return;
    copyStates(buffer.states, from - segmentBegin, states, index + from - first, to - from);
  };
  const bytes = asBuffer(encoded);
  const runsEnd = bytes.length - WORD_BYTES;
  let object = 0;
  for (let position = HEADER_BYTES; position < runsEnd && object < total;) {
    const word = bytes.readUInt32LE(position);
    const tag = word % TAGS;
    position += WORD_BYTES;
    const objects = Math.min(Math.floor(word / TAGS) * SEGMENT_OBJECTS, total - object);
    if (tag === PACKED_TAG) {
      const size = packedSizeBytes(objects);
      if (objects > SEGMENT_OBJECTS || position + size > runsEnd)
        throw damaged('a run is too long');
      buffer.load(bytes.subarray(position, position + size), objects);
      copy(object, objects);
      position += size;
    } else {
      const state = OBJECT_STATES[tag];
      if (state === undefined || objects === 0) throw damaged(`tag ${String(tag)} has no meaning`);
      const from = Math.max(object, first);
      const to = Math.min(object + objects, last);
      if (from < to) states.fill(index + from - first, index + to - first, state);
    }
    object += objects;
  }
  if (object < total) throw damaged('they end early');
  states.touch(index, index + count);
}

function encodeWord(value: number): Buffer {
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.writeUInt32LE(value);
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(reason: string): BenchError {
  return new BenchError(`encoded object states cannot be read: ${reason}`, {
    code: 'STATES_DAMAGED',
    class: 'integrity',
    hint: 'the objects are verified against the storage instead',
  });
}
