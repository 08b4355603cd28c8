import type { ObjectStore, StoreOptions } from '../object-store.ts';
import type { StoreRequest } from '../store-request.ts';

/** Larger payloads are asked for in pieces of this size, as other drivers do. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * A store that keeps nothing and has every object: it asks for payloads and answers in the next microtask,
 * through the same interface as the others, so that what remains is the cost of the tool itself.
 */
export class NullStore implements ObjectStore {
  readonly uri = 'null:';
  readonly #nowNs: () => number;

  constructor(options: Pick<StoreOptions, 'nowNs'>) {
    this.#nowNs = options.nowNs;
  }

  submit(request: StoreRequest): void {
    const { payload, sizeBytes } = request;
    if (request.operation === 'PUT' && payload !== undefined) {
      for (let offset = 0; offset < sizeBytes; offset += CHUNK_BYTES) {
        payload.chunk(offset, Math.min(CHUNK_BYTES, sizeBytes - offset));
      }
    }
    request.startNs = this.#nowNs();
    queueMicrotask(() => {
      request.error = undefined;
      request.firstByteNs = 0;
      request.entries = 0;
      request.bytes = movesPayload(request) ? Math.max(0, sizeBytes) : 0;
      request.endNs = this.#nowNs();
      request.onComplete(request);
    });
  }

  cancelAll(): void {
    // Nothing is ever under way for longer than a microtask.
  }

  removeMadeDirectories(): number {
    return 0;
  }

  close(): void {
    // There is nothing to free.
  }
}

function movesPayload(request: StoreRequest): boolean {
  return request.operation === 'GET' || request.operation === 'PUT';
}
