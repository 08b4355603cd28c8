import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { StoreRequest } from '../store-request.ts';
import { CREATE_FLAGS } from './file-keys.ts';
import type { SyncTransfer, TransferOptions } from './file-transfer.ts';
import { openForWritingSync } from './open-for-writing.ts';
import { nextReadLength } from './read-length.ts';
import { removeCutFileSync } from './remove-cut-file.ts';

/** Moves files through the page cache by blocking calls. */
export class CachedSyncTransfer implements SyncTransfer {
  readonly #options: TransferOptions;
  readonly #chunkBytes: number;
  readonly #buffer: Buffer;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#chunkBytes = options.chunkBytes;
    this.#buffer = Buffer.allocUnsafeSlow(options.chunkBytes);
  }

  get(request: StoreRequest, path: string): void {
    const { range } = request;
    const file = openSync(path, constants.O_RDONLY);
    try {
      for (;;) {
        const length = nextReadLength(request, this.#chunkBytes);
        const position = range === undefined ? null : range.offsetBytes + request.bytes;
        const read = length === 0 ? 0 : readSync(file, this.#buffer, 0, length, position);
        if (read === 0) return;
        if (request.firstByteNs === 0) request.firstByteNs = this.#options.nowNs();
        request.onData?.(this.#buffer.subarray(0, read), request.bytes);
        request.bytes += read;
        if (read < length && request.bytes === request.sizeBytes) return;
      }
    } finally {
      closeSync(file);
    }
  }

  put(request: StoreRequest, path: string): void {
    const { payload, sizeBytes } = request;
    const { directories, fsync, nowNs } = this.#options;
    let chunk = payload?.chunk(0, Math.min(sizeBytes, this.#chunkBytes));
    request.startNs = nowNs();
    const file = openForWritingSync(path, CREATE_FLAGS, directories);
    try {
      try {
        while (chunk !== undefined && request.bytes < sizeBytes) {
          writeFully(file, chunk);
          request.bytes += chunk.length;
          if (request.bytes < sizeBytes) {
            chunk = payload?.chunk(
              request.bytes,
              Math.min(sizeBytes - request.bytes, this.#chunkBytes),
            );
          }
        }
        if (fsync) fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      removeCutFileSync(path);
      throw error;
    }
  }
}

function writeFully(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(file, bytes, written, bytes.length - written);
  }
}
