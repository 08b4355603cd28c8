import { close, constants, fsync, open, read, write } from 'node:fs';
import { cancelledError } from '../cancelled-error.ts';
import type { StoreRequest } from '../store-request.ts';
import { CREATE_FLAGS } from './file-keys.ts';
import type { AsyncTransfer, TransferOptions } from './file-transfer.ts';
import { openForWriting } from './open-for-writing.ts';
import { nextReadLength } from './read-length.ts';
import { removeCutFile } from './remove-cut-file.ts';
import type { SystemError } from './system-error.ts';

const NOTHING = Buffer.alloc(0);

/** Moves files through the page cache by the thread pool. */
export class CachedAsyncTransfer implements AsyncTransfer {
  readonly #options: TransferOptions;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  get(request: StoreRequest, path: string, done: (error: SystemError) => void): void {
    const { cancellation, chunkBytes, nowNs } = this.#options;
    const { range } = request;
    const begun = cancellation.count;
    open(path, constants.O_RDONLY, (openError, file) => {
      if (openError !== null) {
        done(openError);
        return;
      }
      const finish = (error: SystemError): void => {
        close(file, (closeError) => {
          done(error ?? closeError ?? null);
        });
      };
      let buffer = NOTHING;
      const readOn = (): void => {
        if (cancellation.count !== begun) {
          finish(cancelledError('GET', request.key));
          return;
        }
        const length = nextReadLength(request, chunkBytes);
        if (length === 0) {
          finish(null);
          return;
        }
        const position = range === undefined ? null : range.offsetBytes + request.bytes;
        if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
        read(file, buffer, 0, length, position, (error, bytes) => {
          if (error !== null || bytes === 0) {
            finish(error);
            return;
          }
          if (request.firstByteNs === 0) request.firstByteNs = nowNs();
          request.onData?.(buffer.subarray(0, bytes), request.bytes);
          request.bytes += bytes;
          if (bytes < length && request.bytes === request.sizeBytes) finish(null);
          else readOn();
        });
      };
      readOn();
    });
  }

  put(request: StoreRequest, path: string, done: (error: SystemError) => void): void {
    const { payload, sizeBytes } = request;
    const { cancellation, chunkBytes, directories, fsync: flush, nowNs } = this.#options;
    const begun = cancellation.count;
    const chunkAt = (offset: number): Uint8Array =>
      payload?.chunk(offset, Math.min(sizeBytes - offset, chunkBytes)) ?? new Uint8Array();
    let chunk = sizeBytes > 0 ? chunkAt(0) : new Uint8Array();
    request.startNs = nowNs();
    openForWriting(path, CREATE_FLAGS, directories, (openError, file) => {
      if (openError !== null) {
        done(openError);
        return;
      }
      const finish = (error: SystemError): void => {
        close(file, (closeError) => {
          const failure = error ?? closeError ?? null;
          if (failure === null) done(null);
          else
            removeCutFile(path, () => {
              done(failure);
            });
        });
      };
      const writeOn = (): void => {
        if (cancellation.count !== begun && request.bytes < sizeBytes) {
          finish(cancelledError('PUT', request.key));
          return;
        }
        if (request.bytes >= sizeBytes) {
          if (flush) fsync(file, finish);
          else finish(null);
          return;
        }
        write(file, chunk, 0, chunk.length, (error, written) => {
          if (error !== null) {
            finish(error);
            return;
          }
          request.bytes += written;
          const rest = chunk.subarray(written);
          chunk = rest.length > 0 || request.bytes >= sizeBytes ? rest : chunkAt(request.bytes);
          writeOn();
        });
      };
      writeOn();
    });
  }
}
