import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { WorkerChoice } from './worker-choice.ts';

/** How the operations in flight of a plan are spread over threads. */
export interface ThreadLayout {
  /** Operations in flight of each worker thread. */
  readonly slots: readonly number[];
  readonly fileMode: 'sync' | 'async';
  /** Threads of libuv's pool, which `async` files need. */
  readonly threadPoolSize: number;
  /** Why there are as many worker threads as there are. */
  readonly reason: string;
}

/**
 * Most worker threads that do blocking file calls. Each takes about 22 MiB, and 50 ms of two cores to start: 1.4 GiB
 * and 3 s for so many. An operation costs at most half of what it does through the pool. See docs/performance.md.
 */
const MAX_BLOCKING_WORKERS = 64;
/** libuv takes no more. */
const MAX_POOL_THREADS = 1024;
const DEFAULT_POOL_THREADS = 4;
/** For whatever else needs the pool, such as loading a module, when all calls on files hang. */
const SPARE_POOL_THREADS = 4;

/**
 * Files are worked on by blocking calls, one operation and one thread each, up to a limit, beyond which libuv's
 * pool takes over; on `direct://` it also carries the pieces of large objects. Other stores get as many threads as were
 * chosen, each with many operations in flight.
 */
export function layOutThreads(
  plan: Pick<AgentPlan, 'concurrency' | 'stores'>,
  choice: WorkerChoice,
): ThreadLayout {
  const { concurrency } = plan;
  const stores = plan.stores.flatMap(({ endpoints }) => endpoints.map(parseStoreUri));
  const onlyFiles = stores.length > 0 && stores.every(isFileUri);
  if (onlyFiles && concurrency <= MAX_BLOCKING_WORKERS) {
    return {
      slots: new Array<number>(concurrency).fill(1),
      fileMode: 'sync',
      threadPoolSize: stores.some(({ scheme }) => scheme === 'direct')
        ? poolFor(concurrency)
        : DEFAULT_POOL_THREADS,
      reason: 'one for each operation in flight: calls on files block their thread',
    };
  }
  const isNarrow = concurrency < choice.workers;
  return {
    slots: spread(concurrency, Math.min(choice.workers, concurrency)),
    reason: isNarrow ? 'one for each operation in flight' : choice.reason,
    fileMode: 'async',
    threadPoolSize: stores.some(isFileUri) ? poolFor(concurrency) : DEFAULT_POOL_THREADS,
  };
}

/** A pool in which every operation may have a call under way. */
function poolFor(concurrency: number): number {
  return Math.min(concurrency + SPARE_POOL_THREADS, MAX_POOL_THREADS);
}

/** `total` dealt to `parts`, in shares that differ by at most one. */
function spread(total: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, part) => Math.floor(total / parts) + (part < total % parts ? 1 : 0),
  );
}
