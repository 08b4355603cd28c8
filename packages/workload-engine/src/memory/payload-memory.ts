import { BLOCK_BYTES, maxSizeBytes } from '@sai3bench/datagen';
import { BenchError } from '@sai3bench/errors';
import { MAX_CHUNK_BYTES } from '@sai3bench/object-store';
import { formatBytes, formatCount } from '@sai3bench/units';
import type { AgentPlan } from '@sai3bench/workload-config';

/** Payload buffers of one worker: they lie in one WebAssembly memory, which ends at 4 GiB. */
const MAX_WORKER_BYTES = 512 * 1024 * 1024;
/** The rest of the host's memory is for its page cache, the network and everybody else. */
const SHARE_OF_HOST = 1 / 4;
/** Smaller pieces than this would make the number of calls what is measured. */
const MIN_CHUNK_BYTES = 64 * 1024;

/** How much memory the payloads of a run take. */
export interface PayloadMemory {
  /** Payloads are made, and files read, in pieces of at most this size. */
  readonly chunkBytes: number;
  /** Buffer of one operation in flight: a piece, or less where no object is that large. */
  readonly bufferBytes: number;
  /** All buffers of all workers. */
  readonly totalBytes: number;
  /** Whether payloads come in smaller pieces than they would with fewer operations in flight. */
  readonly reduced: boolean;
}

type PayloadPlan = Pick<AgentPlan, 'operations' | 'pools' | 'stages'>;

/**
 * Divides memory between operations in flight: the more there are, the smaller the pieces in which payloads are made.
 *
 * @param slots operations in flight of each worker
 * @param hostBytes memory of the host
 * @throws BenchError `PAYLOAD_MEMORY` when even the smallest pieces do not fit
 */
export function planPayloadMemory(
  plan: PayloadPlan,
  slots: readonly number[],
  hostBytes: number,
): PayloadMemory {
  const total = slots.reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...slots);
  const workerBytes = Math.min(
    MAX_WORKER_BYTES,
    Math.floor((hostBytes * SHARE_OF_HOST) / Math.max(1, slots.length)),
  );
  const fitting = Math.floor(workerBytes / most / BLOCK_BYTES) * BLOCK_BYTES;
  const chunkBytes = Math.min(Math.max(fitting, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
  const largest = wholeBlocks(largestPayload(plan));
  const bufferBytes = Math.min(largest, chunkBytes);
  const totalBytes = bufferBytes * total;
  if (bufferBytes > fitting) {
    throw new BenchError(
      `the payloads of ${formatCount(total)} operations in flight need ${formatBytes(totalBytes)} of memory, but ${formatBytes(workerBytes * slots.length)} may be used: ${formatBytes(MAX_WORKER_BYTES)} per worker thread, and a quarter of the host's ${formatBytes(hostBytes)} over all`,
      {
        code: 'PAYLOAD_MEMORY',
        class: 'resource',
        hint: `lower concurrency, or put objects of less than ${formatBytes(bufferBytes)}`,
      },
    );
  }
  return {
    chunkBytes,
    bufferBytes,
    totalBytes,
    reduced: bufferBytes < Math.min(largest, MAX_CHUNK_BYTES),
  };
}

/** The largest object that a plan may write. */
function largestPayload({ operations, pools, stages }: PayloadPlan): number {
  const kinds = new Set(stages.map(({ kind }) => kind));
  const prepared = kinds.has('prepare') ? pools.map(({ sizes }) => maxSizeBytes(sizes)) : [];
  const put = kinds.has('execute')
    ? operations.map((operation) => (operation.op === 'put' ? maxSizeBytes(operation.sizes) : 0))
    : [];
  return Math.max(1, ...prepared, ...put);
}

function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
