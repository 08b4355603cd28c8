import { BLOCK_BYTES } from '@sai3bench/datagen';
import { BenchError } from '@sai3bench/errors';
import { MAX_CHUNK_BYTES } from '@sai3bench/object-store';
import { formatBytes, formatCount } from '@sai3bench/units';
import { type BufferNeeds, bufferNeeds, type BufferPlan } from './buffer-needs.ts';

/** Buffers of one worker: those of payloads lie in one WebAssembly memory, which ends at 4 GiB. */
const MAX_WORKER_BYTES = 512 * 1024 * 1024;
/** The rest of the host's memory is for its page cache, the network and everybody else. */
const SHARE_OF_HOST = 1 / 4;
/** Smaller pieces than this would make the number of calls what is measured. */
const MIN_CHUNK_BYTES = 64 * 1024;

/** How much memory the payloads of a run take. */
export interface PayloadMemory {
  /** Payloads are made, and files read, in pieces of at most this size. */
  readonly chunkBytes: number;
  /** Payload buffer of one operation in flight: a piece, or less where no object is that large. */
  readonly bufferBytes: number;
  /** Payload buffers of one operation in flight: two where a piece is made while the one before is written. */
  readonly buffersPerSlot: number;
  /** Parts of one object that are made side by side, each in a buffer of its own beside the first. */
  readonly lanesPerSlot: number;
  /** All buffers of all workers, those for reading files included. */
  readonly totalBytes: number;
  /** Whether data comes in smaller pieces than it would with fewer operations in flight. */
  readonly reduced: boolean;
}

/**
 * Divides memory between operations in flight: the more there are, the smaller the pieces in which payloads are made
 * and files are read.
 *
 * @param slots operations in flight of each worker
 * @param hostBytes memory of the host
 * @throws BenchError `PAYLOAD_MEMORY` when even the smallest pieces do not fit
 */
export function planPayloadMemory(
  plan: BufferPlan,
  slots: readonly number[],
  hostBytes: number,
): PayloadMemory {
  const needs = bufferNeeds(plan);
  const most = Math.max(1, ...slots);
  const workerBytes = Math.min(
    MAX_WORKER_BYTES,
    Math.floor((hostBytes * SHARE_OF_HOST) / Math.max(1, slots.length)),
  );
  const chunkBytes = chunkThatFits(needs, most, workerBytes);
  const buffers = buffersOf(needs, chunkBytes);
  const totalBytes = slots.reduce((sum, count) => sum + workerNeed(needs, chunkBytes, count), 0);
  if (workerNeed(needs, chunkBytes, most) > workerBytes) {
    const total = slots.reduce((sum, count) => sum + count, 0);
    const largest = Math.max(buffers.payloadBytes, buffers.readBytes);
    throw new BenchError(
      `the payloads of ${formatCount(total)} operations in flight need ${formatBytes(totalBytes)} of memory, but ${formatBytes(workerBytes * slots.length)} may be used: ${formatBytes(MAX_WORKER_BYTES)} per worker thread, and a quarter of the host's ${formatBytes(hostBytes)} over all`,
      {
        code: 'PAYLOAD_MEMORY',
        class: 'resource',
        hint: `lower concurrency, or ${buffers.readBytes > 0 ? 'put and get' : 'put'} objects of less than ${formatBytes(largest)}`,
      },
    );
  }
  const unreduced = buffersOf(needs, MAX_CHUNK_BYTES);
  return {
    chunkBytes,
    bufferBytes: buffers.payloadBytes,
    buffersPerSlot: buffers.payloadBuffers,
    lanesPerSlot: needs.lanes,
    totalBytes,
    reduced:
      buffers.payloadBytes < unreduced.payloadBytes || buffers.readBytes < unreduced.readBytes,
  };
}

/** The largest pieces with which the buffers of a worker fit its share, or the smallest that make sense. */
function chunkThatFits(needs: BufferNeeds, slots: number, workerBytes: number): number {
  if (workerNeed(needs, MAX_CHUNK_BYTES, slots) <= workerBytes) return MAX_CHUNK_BYTES;
  // Once pieces are that small, every buffer is as large as a piece, or smaller.
  const { payloadBuffers } = buffersOf(needs, MIN_CHUNK_BYTES);
  const buffers = slots * (payloadBuffers + needs.lanes - 1) + readBuffers(needs, slots);
  const fitting = Math.floor(workerBytes / buffers / BLOCK_BYTES) * BLOCK_BYTES;
  return Math.min(Math.max(fitting, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
}

/** Memory for the buffers of a worker with so many operations in flight. */
function workerNeed(needs: BufferNeeds, chunkBytes: number, slots: number): number {
  const { payloadBuffers, payloadBytes, readBytes } = buffersOf(needs, chunkBytes);
  const payloads = slots * (payloadBuffers + needs.lanes - 1);
  return payloads * payloadBytes + readBuffers(needs, slots) * readBytes;
}

/** What each operation in flight needs where data comes in pieces of a size. */
function buffersOf(
  { overlapsWrites, payloadBytes, readBytes }: BufferNeeds,
  chunkBytes: number,
): { payloadBuffers: number; payloadBytes: number; readBytes: number } {
  return {
    payloadBuffers: overlapsWrites && payloadBytes > chunkBytes ? 2 : 1,
    payloadBytes: Math.min(payloadBytes, chunkBytes),
    readBytes: Math.min(readBytes, chunkBytes),
  };
}

/** A worker has read buffers for each endpoint, of which at least one is used once. */
function readBuffers({ readBytes, readEndpoints }: BufferNeeds, slots: number): number {
  return readBytes === 0 ? 0 : Math.max(slots, readEndpoints);
}
