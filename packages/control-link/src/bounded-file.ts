import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { BenchError, systemCode } from '@sai3bench/errors';

/** How long whoever writes to a pipe may take until the next byte, unless the caller says otherwise. */
const PIPE_PATIENCE_MS = 5_000;
/** The same for somebody to begin to write: no signal is heard meanwhile, and Ctrl-C, which ends a writer, is to end this too. */
const WRITER_PATIENCE_MS = 1_500;
const PIPE_INTERVAL_MS = 10;
const CHUNK_BYTES = 64 * 1024;

/** How much a file may hold, and how long a pipe may keep silent. */
export interface FileBounds {
  readonly mostBytes: number;
  readonly patienceMs?: number;
}

/** What a file that was named says, and who may read it. */
export interface BoundedFile {
  readonly text: string;
  readonly mode: number;
}

/**
 * Reads a file whole that a user has named, which may be anything: of a device there is no end, and of a pipe perhaps no
 * beginning. Pipes are read as they are by process substitution and `/dev/stdin`.
 *
 * @throws BenchError `FILE_UNSUITABLE` for what is neither a file nor a pipe, is too large, or that nobody writes to; and
 *   what the system throws
 */
export function readBoundedFile(path: string, bounds: FileBounds): BoundedFile {
  // Otherwise a pipe would be waited for in the system, where no signal is heard.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() && !stats.isFIFO()) {
      throw unsuitable(`${path} is ${kindOf(stats)}`, 'name a file');
    }
    return { text: textOf(file, path, stats.isFIFO(), bounds), mode: stats.mode };
  } finally {
    closeSync(file);
  }
}

function textOf(file: number, path: string, isPipe: boolean, bounds: FileBounds): string {
  const { mostBytes, patienceMs } = bounds;
  const chunks: Buffer[] = [];
  let [length, silentMs] = [0, 0];
  for (;;) {
    const chunk = readChunk(file);
    if (chunk !== undefined && chunk.length > 0) {
      chunks.push(chunk);
      length += chunk.length;
      silentMs = 0;
      if (length > mostBytes) {
        throw unsuitable(
          `${path} is larger than ${String(mostBytes)} bytes`,
          'look whether it is the file that was meant',
        );
      }
      continue;
    }
    // A pipe that has said nothing yet may not have been opened by who writes to it.
    const isEnd = chunk !== undefined && (!isPipe || length > 0);
    if (isEnd) return Buffer.concat(chunks).toString('utf8');
    const usualMs = chunk === undefined ? PIPE_PATIENCE_MS : WRITER_PATIENCE_MS;
    if (silentMs >= (patienceMs ?? usualMs)) {
      throw unsuitable(`nothing comes out of the pipe ${path}`, 'let something write to it first');
    }
    pause(PIPE_INTERVAL_MS);
    silentMs += PIPE_INTERVAL_MS;
  }
}

/** Undefined where there is something to wait for; empty at the end. */
function readChunk(file: number): Buffer | undefined {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  try {
    return buffer.subarray(0, readSync(file, buffer));
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

function pause(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

function kindOf(stats: Stats): string {
  return stats.isDirectory() ? 'a directory' : 'a device';
}

function unsuitable(message: string, hint: string): BenchError {
  return new BenchError(message, { code: 'FILE_UNSUITABLE', class: 'config', hint });
}
