import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { parseStoreUri } from '@sai3bench/store-uri';
import { StoreRequest } from '../store-request.ts';
import { AsyncFileStore } from './async-file-store.ts';
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

describe('AsyncFileStore', () => {
  it.each(['MKDIR', 'PUT'] as const)('has several %s under way at once', async (operation) => {
    const uri = parseStoreUri(`file://${directory.path}/root/`);
    if (uri.scheme !== 'file') throw new TypeError('not a file address');
    const store = new AsyncFileStore(`file://${directory.path}/root/`, uri, {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 2,
    });
    let ended = 0;
    const requests = ['a/b/object', 'c/d/object'].map((key) => {
      const { promise, resolve } = Promise.withResolvers<StoreRequest>();
      const request = new StoreRequest((completed) => {
        ended++;
        resolve(completed);
      });
      store.submit(Object.assign(request, { operation, key, sizeBytes: 0 }));
      return promise;
    });
    expect(ended).toBe(0);
    for (const { error } of await Promise.all(requests)) expect(error).toBeUndefined();
    expect(existsSync(join(directory.path, 'root/a/b/object'))).toBe(true);
    expect(existsSync(join(directory.path, 'root/c/d/object'))).toBe(true);
  });
});
