import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import { StoreRequest } from '../store-request.ts';
import { AlignedBuffers } from './aligned-buffers.ts';

const CHUNK = 16_384;

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function open(fileMode: 'sync' | 'async', fsync = false): Promise<ObjectStore> {
  const nowNs = (): number => performance.now() * 1e6;
  return openStore(`direct://${directory.path}/`, {
    ...{ nowNs, fileMode, fsync, maxInFlight: 1, chunkBytes: CHUNK, env: {} },
  });
}

/** A PUT whose payload has `kept` buffers, filled in turn, and what was written when each chunk was asked for. */
interface Put {
  readonly request: StoreRequest;
  readonly content: Uint8Array;
  readonly asked: { readonly offset: number; readonly written: number }[];
  /** Whether `submit` had returned when the request completed. */
  readonly later: boolean;
}

async function put(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  kept: number | undefined,
): Promise<Put> {
  const content = Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 8)) | 1);
  const memory = new AlignedBuffers(CHUNK, kept ?? 1);
  const buffers = Array.from({ length: kept ?? 1 }, () => memory.take());
  const asked: { offset: number; written: number }[] = [];
  let returned = false;
  let later = false;
  const request = await new Promise<StoreRequest>((resolve) => {
    const each = new StoreRequest((completed) => {
      later = returned;
      resolve(completed);
    });
    const chunk = (offset: number, length: number): Uint8Array => {
      const buffer = buffers[asked.length % buffers.length] ?? new Uint8Array();
      asked.push({ offset, written: each.bytes });
      buffer.set(content.subarray(offset, offset + length));
      return buffer.subarray(0, length);
    };
    const payload =
      kept === undefined ? { aligned: true, chunk } : { aligned: true, chunksKept: kept, chunk };
    Object.assign(each, { operation: 'PUT', key, sizeBytes, payload });
    store.submit(each);
    returned = true;
  });
  return { request, content, asked, later };
}

describe.each(['sync', 'async'] as const)('direct PUTs in pieces, %s', (fileMode) => {
  it.each([CHUNK + 1, 2 * CHUNK, 5 * CHUNK - 4096, 5 * CHUNK + 4097])(
    'of %d bytes are what the payload was, though its buffers are used again',
    async (sizeBytes) => {
      const store = await open(fileMode);
      const { content, request } = await put(store, 'a/b', sizeBytes, 2);
      expect(request).toMatchObject({ error: undefined, bytes: sizeBytes });
      expect(readFileSync(join(directory.path, 'a/b')).equals(content)).toBe(true);
      expect(store.removeMadeDirectories(() => undefined)).toMatchObject([
        { code: 'FILE_ENOTEMPTY' },
      ]);
    },
  );

  it('ask for a chunk while the one before is written, never for the one after that', async () => {
    const { asked } = await put(await open(fileMode), 'object', 4 * CHUNK, 2);
    expect(asked).toEqual([
      { offset: 0, written: 0 },
      { offset: CHUNK, written: 0 },
      { offset: 2 * CHUNK, written: CHUNK },
      { offset: 3 * CHUNK, written: 2 * CHUNK },
    ]);
  });

  it('ask for a chunk only when the one before is written where the payload has one buffer', async () => {
    const { asked, content } = await put(await open(fileMode), 'object', 3 * CHUNK, undefined);
    expect(asked.map(({ offset, written }) => offset - written)).toEqual([0, 0, 0]);
    expect(readFileSync(join(directory.path, 'object')).equals(content)).toBe(true);
  });

  it('tell what went wrong', async () => {
    mkdirSync(join(directory.path, 'taken'));
    const refused = await put(await open(fileMode), 'taken', 3 * CHUNK, 2);
    expect(refused.request.error).toMatchObject({ code: 'FILE_EISDIR' });
    symlinkSync('/dev/full', join(directory.path, 'full'));
    const { request } = await put(await open(fileMode), 'full', 3 * CHUNK, 2);
    expect(request.error).toBeDefined();
  });
});

describe('direct PUTs of a thread that blocks', () => {
  it('end before submit returns where there is nothing to overlap', async () => {
    const store = await open('sync', true);
    expect((await put(store, 'one-piece', CHUNK, 2)).later).toBe(false);
    expect((await put(store, 'one-buffer', 3 * CHUNK, 1)).later).toBe(false);
    expect((await put(store, 'pieces', 3 * CHUNK, 2)).later).toBe(true);
  });
});
