import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { SystemError } from './file-transfer.ts';
import { MadeDirectories } from './made-directories.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function make(directories: MadeDirectories, path: string): Promise<SystemError> {
  return new Promise((resolve) => {
    directories.make(join(directory.path, path), resolve);
  });
}

describe('MadeDirectories', () => {
  it('removes all of what it has made through the pool, and nothing that was there before', async () => {
    const directories = new MadeDirectories();
    mkdirSync(join(directory.path, 'old'));
    const made = await Promise.all(
      ['old/a/b', 'old/a/c', 'old/a/b', 'x/y'].map((path) => make(directories, path)),
    );
    expect(made).toEqual([null, null, null, null]);
    expect(existsSync(join(directory.path, 'old/a/c'))).toBe(true);
    expect(directories.removeEmpty()).toEqual([]);
    expect(existsSync(join(directory.path, 'old/a'))).toBe(false);
    expect(existsSync(join(directory.path, 'old'))).toBe(true);
    expect(existsSync(join(directory.path, 'x'))).toBe(false);
  });

  it('tells why a directory could not be made', async () => {
    writeFileSync(join(directory.path, 'file'), '');
    expect(await make(new MadeDirectories(), 'file/below')).toMatchObject({ code: 'ENOTDIR' });
  });
});
