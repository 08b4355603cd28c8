import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { MadeDirectories } from './made-directories.ts';
import type { SystemError } from './system-error.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function make(directories: MadeDirectories, path: string): Promise<SystemError> {
  return new Promise((resolve) => {
    directories.make(absolute(path), resolve);
  });
}

async function makeBlocking(directories: MadeDirectories, path: string): Promise<SystemError> {
  try {
    directories.makeSync(absolute(path));
    return null;
  } catch (error) {
    return error as SystemError;
  }
}

function absolute(path: string): string {
  return isAbsolute(path) ? path : join(directory.path, path);
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
    expect(directories.removeEmpty(() => undefined)).toEqual([]);
    expect(existsSync(join(directory.path, 'old/a'))).toBe(false);
    expect(existsSync(join(directory.path, 'old'))).toBe(true);
    expect(existsSync(join(directory.path, 'x'))).toBe(false);
  });

  it('tries no directory below one that somebody else has removed', async () => {
    const directories = new MadeDirectories();
    for (const path of ['a/b/c', 'a/b/d', 'a/b-c/d', 'e/f']) await make(directories, path);
    rmSync(join(directory.path, 'a/b'), { recursive: true });
    const tried: string[] = [];
    expect(
      directories.removeEmpty((done, total) => tried.push(`${String(done)} of ${String(total)}`)),
    ).toEqual([]);
    expect(tried).toEqual(['1 of 5', '2 of 5', '3 of 5', '4 of 5', '5 of 5']);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('removes all of what it has made by blocking calls, and nothing that was there before', () => {
    const directories = new MadeDirectories();
    mkdirSync(join(directory.path, 'old'));
    for (const path of ['old/a/b', 'old/a/b', 'old']) {
      directories.makeSync(join(directory.path, path));
    }
    expect(existsSync(join(directory.path, 'old/a/b'))).toBe(true);
    expect(directories.removeEmpty(() => undefined)).toEqual([]);
    expect(readdirSync(directory.path)).toEqual(['old']);
    expect(readdirSync(join(directory.path, 'old'))).toEqual([]);
  });

  const makers: [string, (path: string) => Promise<SystemError>][] = [
    ['through the pool', (path) => make(new MadeDirectories(), path)],
    ['by blocking calls', (path) => makeBlocking(new MadeDirectories(), path)],
  ];

  describe.each(makers)('%s', (_, makeOne) => {
    it('tells why a directory could not be made', async () => {
      writeFileSync(join(directory.path, 'file'), '');
      symlinkSync('nowhere', join(directory.path, 'link'));
      expect(await makeOne('file/below')).toMatchObject({ code: 'ENOTDIR' });
      expect(await makeOne('file')).toMatchObject({ code: 'EEXIST' });
      expect(await makeOne('link')).toMatchObject({ code: 'EEXIST' });
      expect(await makeOne('link/below')).toMatchObject({ code: 'EEXIST' });
    });

    (process.platform === 'linux' ? it : it.skip)(
      'comes to an end where the system does not know a directory that it cannot make (on Linux)',
      async () => {
        expect(await makeOne('/proc/sai3bench')).toMatchObject({ code: 'ENOENT' });
        expect(await makeOne('/proc/sai3bench/below')).toMatchObject({ code: 'ENOENT' });
      },
    );
  });
});
