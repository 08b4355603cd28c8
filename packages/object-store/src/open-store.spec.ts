import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type S3Server,
  startS3rver,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@sai3bench/testing';
import { ObjectClient } from './object-client.ts';
import type { ObjectStore, StoreOptions } from './object-store.ts';
import { openStore } from './open-store.ts';
import { StoreRequest } from './store-request.ts';

const options: StoreOptions = {
  nowNs: () => performance.now() * 1e6,
  maxInFlight: 8,
  fileMode: 'sync',
  env: {},
};

let s3: S3Server;
let directory: TemporaryDirectory;

beforeAll(async () => {
  s3 = await startS3rver(['bucket']);
  Object.assign(process.env, s3.env);
});
afterAll(async () => {
  await s3.stop();
});
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

type Open = (test: string, more?: Partial<StoreOptions>) => Promise<ObjectStore>;

const drivers: [string, Open][] = [
  [
    's3 by the SDK',
    (test, more) => openStore(`s3://${s3.host}/bucket/${test}/`, { ...options, ...more }),
  ],
  [
    'files, blocking',
    (_, more) => openStore(`file://${directory.path}/root`, { ...options, ...more }),
  ],
  [
    'files, asynchronous',
    (_, more) =>
      openStore(`file://${directory.path}/root/`, { ...options, fileMode: 'async', ...more }),
  ],
  [
    'files past the page cache, blocking',
    (_, more) => openStore(`direct://${directory.path}/root/`, { ...options, ...more }),
  ],
  [
    'files past the page cache, asynchronous',
    (_, more) =>
      openStore(`direct://${directory.path}/root/`, { ...options, fileMode: 'async', ...more }),
  ],
];

const CHUNK = 4 * 1024 * 1024;

/** Runs one request and returns it when it has completed. */
function run(store: ObjectStore, fields: Partial<StoreRequest>): Promise<StoreRequest> {
  return new Promise((resolve) => {
    store.submit(Object.assign(new StoreRequest(resolve), fields));
  });
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255);
}

describe.each(drivers)('%s', (name, open) => {
  let store: ObjectStore;
  let client: ObjectClient;
  let counter = 0;

  beforeEach(async () => {
    store = await open(`${name.replaceAll(/\W/g, '-')}-${String(counter++)}`);
    client = new ObjectClient(store);
  });
  afterEach(() => {
    store.close();
  });

  it.each([0, 1, 4095, 4096, 4097, 300_000, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 1_048_593])(
    'returns the %d bytes that were put',
    async (length) => {
      const bytes = pattern(length);
      await client.put('dir/object', bytes);
      expect((await client.get('dir/object')).equals(bytes)).toBe(true);
      expect(await client.stat('dir/object')).toBe(length);
    },
  );

  it('replaces an object with a shorter one', async () => {
    await client.put('object', pattern(1000));
    await client.put('object', pattern(10));
    expect(await client.stat('object')).toBe(10);
  });

  it('keeps keys with blanks, percent signs, pluses and letters beyond ASCII', async () => {
    const keys = ['a b', 'a%20b', 'a+b', 'ünï/çødé', "it's(1)!*"];
    for (const [index, key] of keys.entries()) await client.put(key, pattern(index + 1));
    for (const [index, key] of keys.entries()) expect(await client.stat(key)).toBe(index + 1);
    const found: string[] = [];
    await client.list('', ({ key }) => found.push(key));
    expect(found.toSorted()).toEqual(keys.toSorted());
  });

  it('lists what begins with a prefix, at any depth, and nothing else', async () => {
    const keys = ['a/one', 'a/b/two', 'ab', 'b/three'];
    for (const key of keys) await client.put(key, pattern(7));
    const listed = async (prefix: string): Promise<string[]> => {
      const found: string[] = [];
      expect(await client.list(prefix, ({ key }) => found.push(key))).toBe(found.length);
      return found.toSorted();
    };
    expect(await listed('')).toEqual(keys.toSorted());
    expect(await listed('a')).toEqual(['a/b/two', 'a/one', 'ab']);
    expect(await listed('a/')).toEqual(['a/b/two', 'a/one']);
    expect(await listed('b/thr')).toEqual(['b/three']);
  });

  it.each(['missing/', 'missing/deep/', 'missing', 'object/below/'])(
    'lists nothing where no key begins with %j',
    async (prefix) => {
      await client.put('object', pattern(1));
      expect(await client.list(prefix, () => undefined)).toBe(0);
    },
  );

  it('moves objects in pieces no larger than it was told', async () => {
    const small = await open('pieces', { chunkBytes: 4096 });
    const bytes = pattern(10_000);
    const asked: number[] = [];
    const put = await run(small, {
      operation: 'PUT',
      key: 'object',
      sizeBytes: bytes.length,
      payload: {
        chunk: (offset, length) => {
          asked.push(length);
          return bytes.subarray(offset, offset + length);
        },
      },
    });
    expect(put.error).toBeUndefined();
    expect(asked).toEqual([4096, 4096, 1808]);
    expect((await new ObjectClient(small).get('object')).equals(bytes)).toBe(true);
    small.close();
  });

  it('deletes', async () => {
    await client.put('gone', pattern(1));
    await client.delete('gone');
    await expect(client.stat('gone')).rejects.toMatchObject({ class: 'not-found' });
  });

  it('says not-found for an object that is not there', async () => {
    await client.put('other', pattern(1));
    await expect(client.get('missing')).rejects.toMatchObject({ class: 'not-found' });
    await expect(client.stat('missing')).rejects.toMatchObject({ class: 'not-found' });
  });

  it('stamps start, first byte and end in this order, the start after the payload was made', async () => {
    let payloadMadeNs = 0;
    const bytes = pattern(4096);
    const put = await run(store, {
      operation: 'PUT',
      key: 'timed',
      sizeBytes: bytes.length,
      payload: {
        chunk: () => {
          payloadMadeNs = options.nowNs();
          return bytes;
        },
      },
    });
    expect(put.error).toBeUndefined();
    expect(put.bytes).toBe(4096);
    expect(put.startNs).toBeGreaterThanOrEqual(payloadMadeNs);
    const get = await run(store, { operation: 'GET', key: 'timed', sizeBytes: 4096 });
    expect(get.bytes).toBe(4096);
    expect(get.firstByteNs).toBeGreaterThan(get.startNs);
    expect(get.endNs).toBeGreaterThanOrEqual(get.firstByteNs);
  });

  it('reports the true length of an object that is longer or shorter than expected', async () => {
    await client.put('object', pattern(100));
    for (const sizeBytes of [50, 99, 101, 5000]) {
      const { bytes, error } = await run(store, { operation: 'GET', key: 'object', sizeBytes });
      expect(error).toBeUndefined();
      expect(bytes).toBe(100);
    }
  });

  it.each([0, 100, 4096])(
    'reads on in large pieces where an object of %d bytes was expected',
    async (sizeBytes) => {
      await client.put('object', pattern(1_000_000));
      let pieces = 0;
      const { bytes, error } = await run(store, {
        ...{ operation: 'GET', key: 'object', sizeBytes },
        onData: () => {
          pieces++;
        },
      });
      expect(error).toBeUndefined();
      expect(bytes).toBe(1_000_000);
      expect(pieces).toBeLessThan(100);
    },
  );

  it('carries out many requests at once', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `many/${String(index)}`);
    await Promise.all(keys.map((key, index) => client.put(key, pattern(index))));
    const lengths = await Promise.all(keys.map((key) => client.stat(key)));
    expect(lengths).toEqual(keys.map((_, index) => index));
  });
});

describe.each(drivers.slice(1))('%s: directories', (_, open) => {
  it('are made for an object that needs them, and removed when they are empty', async () => {
    const store = await open('');
    const client = new ObjectClient(store);
    await client.put('a/b/object', pattern(1));
    expect(readFileSync(join(directory.path, 'root/a/b/object'))).toHaveLength(1);
    expect(store.removeMadeDirectories(() => undefined)).toMatchObject([
      { code: 'FILE_ENOTEMPTY', key: join(directory.path, 'root/a/b') },
      { code: 'FILE_ENOTEMPTY', key: join(directory.path, 'root/a') },
      { code: 'FILE_ENOTEMPTY', key: join(directory.path, 'root') },
    ]);
    await client.delete('a/b/object');
    expect(store.removeMadeDirectories(() => undefined)).toEqual([]);
    expect(existsSync(join(directory.path, 'root'))).toBe(false);
  });

  it('that existed before stay', async () => {
    mkdirSync(join(directory.path, 'root/a'), { recursive: true });
    const store = await open('');
    const client = new ObjectClient(store);
    await client.put('a/b/object', pattern(1));
    await client.delete('a/b/object');
    expect(store.removeMadeDirectories(() => undefined)).toEqual([]);
    expect(existsSync(join(directory.path, 'root/a'))).toBe(true);
    expect(existsSync(join(directory.path, 'root/a/b'))).toBe(false);
  });

  it('are made and removed on request', async () => {
    const client = new ObjectClient(await open(''));
    await client.makeDirectory('x/y');
    await client.removeDirectory('x/y');
    expect(existsSync(join(directory.path, 'root/x'))).toBe(true);
    expect(existsSync(join(directory.path, 'root/x/y'))).toBe(false);
  });

  it('are removed with what is in them only on request', async () => {
    const client = new ObjectClient(await open(''));
    await client.put('x/y/object', pattern(1));
    await expect(client.removeDirectory('x')).rejects.toMatchObject({ code: 'FILE_ENOTEMPTY' });
    await client.removeDirectory('x', true);
    expect(existsSync(join(directory.path, 'root/x'))).toBe(false);
    await expect(client.removeDirectory('x', true)).rejects.toMatchObject({ class: 'not-found' });
  });

  it.each(['../outside', 'a/../../outside', '/etc/passwd', 'nul\0'])(
    'keep %j from leading out of the store',
    async (key) => {
      const client = new ObjectClient(await open(''));
      await expect(client.put(key, pattern(1))).rejects.toMatchObject({ code: 'FILE_UNSAFE_KEY' });
      await expect(client.get(key)).rejects.toMatchObject({ code: 'FILE_UNSAFE_KEY' });
    },
  );

  it('may have names with two dots in them', async () => {
    const client = new ObjectClient(await open(''));
    await client.put('a..b', pattern(3));
    expect(await client.stat('a..b')).toBe(3);
  });

  it('list links to objects but do not follow links to directories', async () => {
    const client = new ObjectClient(await open(''));
    await client.put('real/object', pattern(3));
    symlinkSync(join(directory.path, 'root/real'), join(directory.path, 'root/loop'));
    const found: string[] = [];
    await client.list('real', ({ key }) => found.push(key));
    expect(found).toEqual(['real/object']);
  });

  it('must be there to be listed, at least the one that the store is', async () => {
    const client = new ObjectClient(await open(''));
    await expect(client.list('data/', () => undefined)).rejects.toMatchObject({
      code: 'FILE_ROOT_MISSING',
      message: `${directory.path}/root/ does not exist`,
      hint: expect.stringContaining('check the address and the mount'),
    });
    writeFileSync(join(directory.path, 'root'), 'a file where the directory should be');
    await expect(client.list('data/', () => undefined)).rejects.toMatchObject({
      code: 'FILE_ENOTDIR',
    });
  });

  it('explain what is wrong with them', async () => {
    writeFileSync(join(directory.path, 'root'), 'a file where the directory should be');
    await expect(new ObjectClient(await open('')).put('x', pattern(1))).rejects.toMatchObject({
      code: 'FILE_ENOTDIR',
      class: 'config',
      hint: expect.stringContaining('not a directory'),
    });
  });
});
