import type { BenchError } from '@sai3bench/errors';
import { MAX_CHUNK_BYTES } from '../chunk.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { StoreRequest } from '../store-request.ts';

/**
 * A store that keeps nothing and has every object: it asks for payloads and answers in the next microtask,
 * through the same interface as the others, so that what remains is the cost of the tool itself.
 */
export class NullStore implements ObjectStore {
  readonly uri = 'null:';
  readonly #nowNs: () => number;
  readonly #chunkBytes: number;

  constructor(options: Pick<StoreOptions, 'nowNs' | 'chunkBytes'>) {
    this.#nowNs = options.nowNs;
    this.#chunkBytes = options.chunkBytes ?? MAX_CHUNK_BYTES;
  }

  submit(request: StoreRequest): void {
    const { payload, sizeBytes } = request;
    if (request.operation === 'PUT' && payload !== undefined) {
      for (let offset = 0; offset < sizeBytes; offset += this.#chunkBytes) {
        payload.chunk(offset, Math.min(this.#chunkBytes, sizeBytes - offset));
      }
    }
    request.startNs = this.#nowNs();
    queueMicrotask(() => {
      request.error = undefined;
      request.firstByteNs = 0;
      request.entries = 0;
      request.bytes = lengthOf(request);
      request.endNs = this.#nowNs();
      request.onComplete(request);
    });
  }

  cancelAll(): void {
    // Nothing is ever under way for longer than a microtask.
  }

  removeMadeDirectories(): readonly BenchError[] {
    return [];
  }

  close(): void {
    // There is nothing to free.
  }
}

/** The length that the answer to a request has: an object here is always as long as it is expected to be. */
function lengthOf({ operation, range, sizeBytes }: StoreRequest): number {
  if (operation === 'GET' && range !== undefined && sizeBytes < 0) return range.lengthBytes;
  const tellsLength = operation === 'GET' || operation === 'PUT' || operation === 'STAT';
  return tellsLength ? Math.max(0, sizeBytes) : 0;
}
