import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file so that it is either absent or complete, also when the process is killed or the host loses power:
 * to a temporary name, flushed, then renamed.
 */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w', 0o644);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  flushDirectory(dirname(path));
}

/** Flushes the entries of a directory, so that a rename survives a power loss. */
function flushDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/**
 * A file that only grows. Each piece is with the operating system when `append` returns, so that nothing is lost when
 * the process is killed; {@link flush} makes it survive a power loss.
 */
export class AppendFile {
  readonly #file: number;
  #closed = false;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o644);
  }

  append(text: string): void {
    if (!this.#closed) writeSync(this.#file, text);
  }

  flush(): void {
    if (!this.#closed) fsyncSync(this.#file);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }
}
