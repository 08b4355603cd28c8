import type { ObjectStore } from './object-store.ts';
import {
  type ByteRange,
  type ListEntry,
  type PayloadSource,
  type StoreOperation,
  StoreRequest,
} from './store-request.ts';

/**
 * A store with promises, for everything that is not a benchmark's inner loop. Each method rejects with the
 * `BenchError` of its operation.
 */
export class ObjectClient {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * The whole object.
   *
   * @param range only this part of it; S3 only
   */
  async get(key: string, range?: ByteRange): Promise<Buffer> {
    const pieces: Buffer[] = [];
    await this.#run('GET', key, (request) => {
      request.range = range;
      request.onData = (piece) => pieces.push(Buffer.from(piece));
    });
    return Buffer.concat(pieces);
  }

  /** Hands out the whole object, in order, in pieces that are valid only during the call. */
  async getInPieces(
    key: string,
    onPiece: (piece: Uint8Array, offsetBytes: number) => void,
  ): Promise<void> {
    await this.#run('GET', key, (request) => {
      request.onData = onPiece;
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const payload: PayloadSource = {
      chunk: (offset, length) => bytes.subarray(offset, offset + length),
      // Its chunks last as long as the bytes.
      lane: () => payload,
    };
    await this.putFrom(key, bytes.length, payload);
  }

  /** Puts an object of `sizeBytes` whose content comes from a source, a chunk at a time. */
  async putFrom(key: string, sizeBytes: number, payload: PayloadSource): Promise<void> {
    await this.#run('PUT', key, (request) => {
      request.sizeBytes = sizeBytes;
      request.payload = payload;
    });
  }

  async delete(key: string): Promise<void> {
    await this.#run('DELETE', key);
  }

  /** Length of the object in bytes. */
  async stat(key: string): Promise<number> {
    return (await this.#run('STAT', key)).bytes;
  }

  /** Calls `onEntry` for every object whose key begins with `prefix`; returns how many there are. */
  async list(prefix: string, onEntry: (entry: ListEntry) => void): Promise<number> {
    const { entries } = await this.#run('LIST', prefix, (request) => {
      request.onEntry = onEntry;
    });
    return entries;
  }

  /**
   * As {@link list}, for long listings that nobody measures: with the fast S3 driver, a page that fails is asked for again
   * after a pause if its error may pass, so that one bad answer of thousands does not end it.
   */
  async listPatiently(prefix: string, onEntry: (entry: ListEntry) => void): Promise<number> {
    const { entries } = await this.#run('LIST', prefix, (request) => {
      request.patient = true;
      request.onEntry = onEntry;
    });
    return entries;
  }

  async makeDirectory(key: string): Promise<void> {
    await this.#run('MKDIR', key);
  }

  /** @param recursive whether what is in it is removed as well; otherwise it must be empty */
  async removeDirectory(key: string, recursive = false): Promise<void> {
    await this.#run('RMDIR', key, (request) => {
      request.recursive = recursive;
    });
  }

  #run(
    operation: StoreOperation,
    key: string,
    prepare?: (request: StoreRequest) => void,
  ): Promise<StoreRequest> {
    return new Promise((resolve, reject) => {
      const request = new StoreRequest(({ error }) => {
        if (error === undefined) resolve(request);
        else reject(error);
      });
      request.operation = operation;
      request.key = key;
      prepare?.(request);
      this.#store.submit(request);
    });
  }
}
