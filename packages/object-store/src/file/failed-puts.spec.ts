import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import { StoreRequest } from '../store-request.ts';

const CHUNK = 16_384;
const SIZE = 3 * CHUNK;

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

const pathOf = (key: string): string => join(directory.path, key);

function open(scheme: string, fileMode: 'sync' | 'async', fsync = false): Promise<ObjectStore> {
  return openStore(`${scheme}://${directory.path}/`, {
    ...{ nowNs: () => performance.now() * 1e6, fileMode, fsync, maxInFlight: 1 },
    ...{ chunkBytes: CHUNK, env: {} },
  });
}

/** A PUT of three chunks; `onChunk` is called before each, with its number from 0. */
function put(
  store: ObjectStore,
  key: string,
  onChunk: (number: number) => void = () => undefined,
): Promise<StoreRequest> {
  let asked = 0;
  const chunk = (_: number, length: number): Uint8Array => {
    onChunk(asked++);
    return new Uint8Array(length).fill(7);
  };
  return new Promise((resolve) => {
    const request = new StoreRequest(resolve);
    store.submit(
      Object.assign(request, { operation: 'PUT', key, sizeBytes: SIZE, payload: { chunk } }),
    );
  });
}

describe.each(['file', 'direct'])(
  'a PUT to %s:// that fails after it has written a part',
  (scheme) => {
    const fail = (number: number): void => {
      if (number === 2) throw new RangeError('no more');
    };

    it.each([false, true])('leaves no file, whether one was there before: %s', async (wasThere) => {
      if (wasThere) writeFileSync(pathOf('object'), Buffer.alloc(SIZE));
      const { bytes, error } = await put(await open(scheme, 'sync'), 'object', fail);
      expect(error).toBeDefined();
      expect(bytes).toBe(2 * CHUNK);
      expect(readdirSync(directory.path)).toEqual([]);
    });

    it.each([false, true])('leaves none when it is cancelled: %s', async (wasThere) => {
      if (wasThere) writeFileSync(pathOf('object'), Buffer.alloc(SIZE));
      const store = await open(scheme, 'async');
      const { bytes, error } = await put(store, 'object', (number) => {
        if (number === 1) store.cancelAll();
      });
      expect(error).toMatchObject({ code: 'CANCELLED', class: 'cancelled', key: 'object' });
      expect(bytes).toBe(CHUNK);
      expect(readdirSync(directory.path)).toEqual([]);
    });

    it('is no reason for others to fail', async () => {
      const store = await open(scheme, 'async');
      store.cancelAll();
      expect((await put(store, 'object')).error).toBeUndefined();
      expect(lstatSync(pathOf('object')).size).toBe(SIZE);
    });
  },
);

describe.each(['sync', 'async'] as const)('a PUT that fails, %s,', (fileMode) => {
  it('leaves a device, and the link to it, where they are', async () => {
    symlinkSync('/dev/null', pathOf('object'));
    const { error } = await put(await open('file', fileMode, true), 'object');
    expect(error).toMatchObject({ cause: { syscall: 'fsync' } });
    expect(lstatSync(pathOf('object')).isSymbolicLink()).toBe(true);
    expect(existsSync('/dev/null')).toBe(true);
  });

  it.each(['file', 'direct'])('leaves no file where %s:// may not grow any more', (scheme) => {
    const module = new URL('../open-store.ts', import.meta.url).href;
    const request = new URL('../store-request.ts', import.meta.url).href;
    const script = `
      import { openStore } from ${JSON.stringify(module)};
      import { StoreRequest } from ${JSON.stringify(request)};
      process.on('SIGXFSZ', () => undefined);
      const options = { nowNs: () => 0, fileMode: '${fileMode}', maxInFlight: 1, chunkBytes: ${String(CHUNK)}, env: {} };
      const store = await openStore('${scheme}://${directory.path}/', options);
      const payload = { chunk: (_, length) => new Uint8Array(length) };
      const done = ({ error }) => console.log(error?.cause?.code);
      store.submit(Object.assign(new StoreRequest(done), { operation: 'PUT', key: 'object', sizeBytes: ${String(SIZE)}, payload }));`;
    const flags = ['--conditions=@sai3bench/source', '--input-type=module', '-e', script];
    const said = execFileSync(
      'sh',
      ['-c', 'ulimit -f 40; exec "$@"', 'sh', process.execPath, ...flags],
      { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } },
    );
    expect(said.trim()).toBe('EFBIG');
    expect(readdirSync(directory.path)).toEqual([]);
  });
});
