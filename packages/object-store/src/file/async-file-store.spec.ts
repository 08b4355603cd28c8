import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { StoreRequest } from '../store-request.ts';
import { AsyncFileStore } from './async-file-store.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function open(): AsyncFileStore {
  const path = `${directory.path}/root/`;
  return new AsyncFileStore(
    `file://${path}`,
    { scheme: 'file', path },
    {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 2,
    },
  );
}

describe('AsyncFileStore', () => {
  it.each(['MKDIR', 'PUT'] as const)('has several %s under way at once', async (operation) => {
    const store = open();
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

  it('names what lies in a directory, and nothing below', async () => {
    const store = open();
    for (const path of ['root/a/b', 'root/c'])
      mkdirSync(join(directory.path, path), { recursive: true });
    for (const path of ['root/a/one', 'root/a/b/two', 'root/file'])
      writeFileSync(join(directory.path, path), '');
    const names: string[] = [];
    const note = async (name: string): Promise<void> => {
      await Promise.resolve();
      names.push(name);
    };
    expect(await store.readDirectory('a/', note)).toBe(true);
    expect(names.toSorted()).toEqual(['b', 'one']);
    expect(await store.readDirectory('missing/', note)).toBe(false);
    expect(await store.readDirectory('file/', note)).toBe(false);
  });

  it('ends reading a directory with the error of who is told the names', async () => {
    mkdirSync(join(directory.path, 'root/a'), { recursive: true });
    const refusal = new BenchError('enough', { code: 'ENOUGH', class: 'cancelled' });
    const reading = open().readDirectory('', () => Promise.reject(refusal));
    await expect(reading).rejects.toBe(refusal);
  });
});
