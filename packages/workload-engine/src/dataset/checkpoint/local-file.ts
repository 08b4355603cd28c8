import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { BenchError } from '@sai3bench/errors';
import type { PayloadSource } from '@sai3bench/object-store';
import { localFileError } from './local-file-error.ts';

/**
 * A local file that goes to a store or comes from one a chunk at a time, so that none of it but a chunk is in memory. A
 * store asks for bytes, and hands them out, in the midst of its own work: what fails then is kept until
 * {@link check}.
 */
abstract class LocalFile {
  protected readonly path: string;
  protected readonly descriptor: number;
  #failure: BenchError | undefined;

  protected constructor(path: string, flags: 'r' | 'w') {
    this.path = path;
    try {
      this.descriptor = openSync(path, flags);
    } catch (error) {
      throw localFileError(path, flags === 'r' ? 'read' : 'written', error);
    }
  }

  /** Call it when the operation is over. @throws BenchError what has failed meanwhile */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  protected fail(error: BenchError): void {
    this.#failure ??= error;
  }
}

/** A file that is the payload of a PUT. It stays the same, also when another one takes its name. */
export class OutgoingFile extends LocalFile implements PayloadSource {
  readonly sizeBytes: number;
  #chunk = Buffer.alloc(0);

  /** @throws BenchError `FILE_` with the system's code */
  constructor(path: string) {
    super(path, 'r');
    this.sizeBytes = fstatSync(this.descriptor).size;
  }

  chunk(offsetBytes: number, lengthBytes: number): Uint8Array {
    if (this.#chunk.length < lengthBytes) this.#chunk = Buffer.alloc(lengthBytes);
    const chunk = this.#chunk.subarray(0, lengthBytes);
    try {
      const readBytes = readSync(this.descriptor, chunk, 0, lengthBytes, offsetBytes);
      if (readBytes < lengthBytes) this.fail(tooShort(this.path));
    } catch (error) {
      this.fail(localFileError(this.path, 'read', error));
    }
    return chunk;
  }
}

/** A file that a GET is written to. */
export class IncomingFile extends LocalFile {
  #sizeBytes = 0;

  /** @throws BenchError `FILE_` with the system's code */
  constructor(path: string) {
    super(path, 'w');
  }

  readonly write = (piece: Uint8Array, offsetBytes: number): void => {
    try {
      for (let done = 0; done < piece.length;) {
        done += writeSync(this.descriptor, piece, done, piece.length - done, offsetBytes + done);
      }
      this.#sizeBytes = offsetBytes + piece.length;
    } catch (error) {
      this.fail(localFileError(this.path, 'written', error));
    }
  };

  /** Call it when the operation is over: an attempt that was given up may have left more. */
  override check(): void {
    super.check();
    ftruncateSync(this.descriptor, this.#sizeBytes);
  }
}

function tooShort(path: string): BenchError {
  return new BenchError(`${path} is shorter than it was`, {
    code: 'FILE_TOO_SHORT',
    class: 'integrity',
    key: path,
    retryable: false,
  });
}
