import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writevSync,
} from 'node:fs';
import type { StoreRequest } from '../store-request.ts';
import { AlignedBuffers } from './aligned-buffers.ts';
import {
  DIRECT_BLOCK_BYTES,
  directPieces,
  directReadLength,
  piecesAfter,
  startOfBlock,
} from './direct-blocks.ts';
import { directError, shortWrite } from './direct-error.ts';
import { CREATE_FLAGS } from './file-keys.ts';
import type { SyncTransfer, TransferOptions } from './file-transfer.ts';
import { openForWritingSync } from './open-for-writing.ts';
import { endOfRead } from './read-length.ts';
import { removeCutFileSync } from './remove-cut-file.ts';

/** Moves files past the page cache by blocking calls. */
export class DirectSyncTransfer implements SyncTransfer {
  readonly #options: TransferOptions;
  readonly #buffers: AlignedBuffers;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#buffers = new AlignedBuffers(options.chunkBytes, 1);
  }

  get(request: StoreRequest, path: string): void {
    const buffer = this.#buffers.take();
    try {
      const file = openSync(path, constants.O_RDONLY | constants.O_DIRECT);
      try {
        this.#read(request, file, buffer);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw directError('GET', path, error);
    } finally {
      this.#buffers.give(buffer);
    }
  }

  #read(request: StoreRequest, file: number, buffer: Uint8Array): void {
    const { chunkBytes, nowNs } = this.#options;
    const start = request.range?.offsetBytes ?? 0;
    const end = endOfRead(request);
    for (let at = start; at < end;) {
      // A block in which a read ended, or a range begins, is read as a whole, because positions are aligned too.
      const position = startOfBlock(at);
      const length = directReadLength(request, position, chunkBytes);
      const read = readSync(file, buffer, 0, length, position);
      const next = Math.min(position + read, end);
      if (next <= at) return;
      if (request.firstByteNs === 0) request.firstByteNs = nowNs();
      request.onData?.(buffer.subarray(at - position, next - position), request.bytes);
      at = next;
      request.bytes = at - start;
      if (read < length && request.bytes === request.sizeBytes) return;
    }
  }

  put(request: StoreRequest, path: string): void {
    const { payload, sizeBytes } = request;
    const { chunkBytes, directories, fsync, nowNs } = this.#options;
    let chunk = payload?.chunk(0, Math.min(sizeBytes, chunkBytes));
    const spare = this.#buffers.take();
    request.startNs = nowNs();
    try {
      const file = openForWritingSync(path, CREATE_FLAGS | constants.O_DIRECT, directories);
      try {
        try {
          while (chunk !== undefined && request.bytes < sizeBytes) {
            const pieces = directPieces(chunk, payload?.aligned === true, spare);
            writeFully(file, pieces, request.bytes, path);
            request.bytes += chunk.length;
            if (request.bytes < sizeBytes) {
              chunk = payload?.chunk(
                request.bytes,
                Math.min(sizeBytes - request.bytes, chunkBytes),
              );
            }
          }
          if (sizeBytes % DIRECT_BLOCK_BYTES !== 0) ftruncateSync(file, sizeBytes);
          if (fsync) fsyncSync(file);
        } finally {
          closeSync(file);
        }
      } catch (error) {
        removeCutFileSync(path);
        throw error;
      }
    } catch (error) {
      throw directError('PUT', path, error);
    } finally {
      this.#buffers.give(spare);
    }
  }
}

function writeFully(
  file: number,
  pieces: readonly Uint8Array[],
  positionBytes: number,
  path: string,
): void {
  let position = positionBytes;
  for (let left = pieces; left.length > 0;) {
    const written = startOfBlock(writevSync(file, left, position));
    if (written === 0) throw shortWrite(path);
    position += written;
    left = piecesAfter(left, written);
  }
}
