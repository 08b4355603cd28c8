import { close, constants, fsync, ftruncate, open, read, writev } from 'node:fs';
import type { BenchError } from '@sai3bench/errors';
import { cancelledError } from '../cancelled-error.ts';
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
import type { AsyncTransfer, TransferOptions } from './file-transfer.ts';
import { openForWriting } from './open-for-writing.ts';
import { endOfRead } from './read-length.ts';
import { removeCutFile } from './remove-cut-file.ts';
import type { SystemError } from './system-error.ts';

const NOTHING = new Uint8Array();

type Done = (error: SystemError | BenchError) => void;

/** Moves files past the page cache by the thread pool. */
export class DirectAsyncTransfer implements AsyncTransfer {
  readonly #options: TransferOptions;
  readonly #buffers: AlignedBuffers;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#buffers = new AlignedBuffers(options.chunkBytes, options.maxInFlight);
  }

  get(request: StoreRequest, path: string, done: Done): void {
    const buffer = this.#buffers.take();
    const finish = this.#finisher('GET', path, buffer, done);
    open(path, constants.O_RDONLY | constants.O_DIRECT, (openError, file) => {
      if (openError !== null) {
        finish(openError);
        return;
      }
      this.#read(request, file, buffer, (error) => {
        close(file, (closeError) => {
          finish(error ?? closeError ?? null);
        });
      });
    });
  }

  #read(request: StoreRequest, file: number, buffer: Uint8Array, done: Done): void {
    const { cancellation, chunkBytes, nowNs } = this.#options;
    const begun = cancellation.count;
    const start = request.range?.offsetBytes ?? 0;
    const end = endOfRead(request);
    const readOn = (): void => {
      if (cancellation.count !== begun) {
        done(cancelledError('GET', request.key));
        return;
      }
      const at = start + request.bytes;
      // A block in which a read ended, or a range begins, is read as a whole, because positions are aligned too.
      const position = startOfBlock(at);
      const length = directReadLength(request, position, chunkBytes);
      read(file, buffer, 0, length, position, (error, bytes) => {
        const next = Math.min(position + bytes, end);
        if (error !== null || next <= at) {
          done(error);
          return;
        }
        if (request.firstByteNs === 0) request.firstByteNs = nowNs();
        request.onData?.(buffer.subarray(at - position, next - position), request.bytes);
        request.bytes = next - start;
        if (next === end || (bytes < length && request.bytes === request.sizeBytes)) done(null);
        else readOn();
      });
    };
    readOn();
  }

  put(request: StoreRequest, path: string, done: Done): void {
    const { sizeBytes } = request;
    const { chunkBytes, directories, nowNs } = this.#options;
    const first = request.payload?.chunk(0, Math.min(sizeBytes, chunkBytes));
    const spare = this.#buffers.take();
    const finish = this.#finisher('PUT', path, spare, done);
    request.startNs = nowNs();
    openForWriting(
      path,
      CREATE_FLAGS | constants.O_DIRECT,
      directories,
      (openError: SystemError, file: number) => {
        if (openError !== null) {
          finish(openError);
          return;
        }
        this.#write(request, file, first ?? NOTHING, spare, path, (error) => {
          close(file, (closeError) => {
            const failure = error ?? closeError ?? null;
            if (failure === null) finish(null);
            else
              removeCutFile(path, () => {
                finish(failure);
              });
          });
        });
      },
    );
  }

  #write(
    request: StoreRequest,
    file: number,
    first: Uint8Array,
    spare: Uint8Array,
    path: string,
    done: Done,
  ): void {
    const { payload, sizeBytes } = request;
    const { cancellation, chunkBytes } = this.#options;
    const begun = cancellation.count;
    const chunkAt = (offsetBytes: number): Uint8Array => {
      const length = Math.min(sizeBytes - offsetBytes, chunkBytes);
      return length <= 0 ? NOTHING : (payload?.chunk(offsetBytes, length) ?? NOTHING);
    };
    const overlaps = (payload?.chunksKept ?? 1) > 1;
    const writeChunk = (chunk: Uint8Array): void => {
      if (chunk.length === 0) {
        this.#seal(file, sizeBytes, done);
        return;
      }
      if (cancellation.count !== begun) {
        done(cancelledError('PUT', request.key));
        return;
      }
      const end = request.bytes + chunk.length;
      let next: Uint8Array | undefined;
      const pieces = directPieces(chunk, payload?.aligned === true, spare);
      writeFully(file, pieces, request.bytes, path, (error) => {
        if (error !== null) {
          done(error);
          return;
        }
        request.bytes = end;
        writeChunk(next ?? chunkAt(end));
      });
      // The device is at work: the payload's other buffer can be filled meanwhile.
      if (overlaps) next = chunkAt(end);
    };
    writeChunk(first);
  }

  /** Gives a file its true length, and flushes it where that is wanted. */
  #seal(file: number, sizeBytes: number, done: Done): void {
    const flush: Done = (error) => {
      if (error === null && this.#options.fsync) fsync(file, done);
      else done(error);
    };
    if (sizeBytes % DIRECT_BLOCK_BYTES === 0) flush(null);
    else ftruncate(file, sizeBytes, flush);
  }

  /** The end of an operation: its buffer is given back, its error explained. */
  #finisher(operation: 'GET' | 'PUT', path: string, buffer: Uint8Array, done: Done): Done {
    return (error) => {
      this.#buffers.give(buffer);
      done(error === null ? null : directError(operation, path, error));
    };
  }
}

function writeFully(
  file: number,
  pieces: readonly Uint8Array[],
  positionBytes: number,
  path: string,
  done: Done,
): void {
  if (pieces.length === 0) {
    done(null);
    return;
  }
  writev(file, pieces, positionBytes, (error, bytes) => {
    const written = startOfBlock(bytes);
    if (error !== null) done(error);
    else if (written === 0) done(shortWrite(path));
    else writeFully(file, piecesAfter(pieces, written), positionBytes + written, path, done);
  });
}
