import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { readBoundedFile } from './bounded-file.ts';

let directory: TemporaryDirectory;
const bounds = { mostBytes: 100_000 };

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function pipe(): string {
  const path = join(directory.path, 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  return path;
}

describe('readBoundedFile()', () => {
  it.each([0, 1, 100_000])('reads a file of %d bytes', (length) => {
    const path = join(directory.path, 'file');
    writeFileSync(path, 'x'.repeat(length), { mode: 0o640 });
    const { mode, text } = readBoundedFile(path, bounds);
    expect([text.length, mode & 0o777]).toEqual([length, 0o640]);
  });

  it('refuses a file that is larger', () => {
    const path = join(directory.path, 'file');
    writeFileSync(path, 'x'.repeat(100_001));
    expect(() => readBoundedFile(path, bounds)).toThrow(
      expect.objectContaining({ code: 'FILE_UNSUITABLE', class: 'config' }),
    );
  });

  it.each(['/dev/zero', '/dev/null', '/'])('refuses %s', (path) => {
    expect(() => readBoundedFile(path, bounds)).toThrow(/ is a (device|directory)$/);
  });

  it('does not wait for ever for a pipe that nobody writes to', () => {
    expect(() => readBoundedFile(pipe(), { ...bounds, patienceMs: 0 })).toThrow(
      /nothing comes out of the pipe/,
    );
  });

  it('reads from a pipe all that comes, also what comes late', async () => {
    const path = pipe();
    const writer = spawn('sh', ['-c', 'exec > "$0"; printf one; sleep 0.1; printf two', path]);
    expect(readBoundedFile(path, { ...bounds, patienceMs: 60_000 }).text).toBe('onetwo');
    await once(writer, 'close');
  });
});
