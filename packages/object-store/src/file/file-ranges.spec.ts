import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { openStore } from '../open-store.ts';
import { type ByteRange, StoreRequest } from '../store-request.ts';
import { content } from '../testing/content.ts';

const CHUNK = 16_384;
const BYTES = content(3 * CHUNK + 1_000);
const SIZE = BYTES.length;

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'object'), BYTES);
});
afterEach(() => {
  directory.remove();
});

describe.each([
  ['file', 'sync'],
  ['file', 'async'],
  ['direct', 'sync'],
  ['direct', 'async'],
] as const)('a GET of a part of a file (%s, %s)', (scheme, fileMode) => {
  async function get(range: ByteRange, sizeBytes = -1): Promise<[StoreRequest, Buffer]> {
    const store = await openStore(`${scheme}://${directory.path}`, {
      ...{ nowNs: () => performance.now() * 1e6, fileMode, maxInFlight: 4, chunkBytes: CHUNK },
      env: {},
    });
    const pieces: Buffer[] = [];
    const ended = await new Promise<StoreRequest>((resolve) => {
      const request = new StoreRequest(resolve);
      Object.assign(request, { operation: 'GET', key: 'object', range, sizeBytes });
      request.onData = (piece, offset) => {
        expect(offset).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
        pieces.push(Buffer.from(piece));
      };
      store.submit(request);
    });
    return [ended, Buffer.concat(pieces)];
  }

  it.each([
    [0, 1],
    [0, 4_096],
    [4_096, 4_096],
    [4_095, 2],
    [4_097, 8_000],
    [1, CHUNK],
    [CHUNK - 1, CHUNK + 2],
    [0, SIZE],
    [SIZE - 1, 1],
    [SIZE - 1_000, 1_000],
  ])('has just that part (%d, %d bytes)', async (offsetBytes, lengthBytes) => {
    for (const sizeBytes of [lengthBytes, -1]) {
      const [request, bytes] = await get({ offsetBytes, lengthBytes }, sizeBytes);
      expect(request).toMatchObject({ error: undefined, bytes: lengthBytes });
      expect(bytes.equals(BYTES.subarray(offsetBytes, offsetBytes + lengthBytes))).toBe(true);
    }
  });

  it.each([
    [SIZE - 10, 100],
    [0, SIZE + 1],
  ])('has less where the file ends within it (%d, %d bytes)', async (offsetBytes, lengthBytes) => {
    const [request, bytes] = await get({ offsetBytes, lengthBytes }, lengthBytes);
    expect(request.error).toBeUndefined();
    expect(request.bytes).toBe(SIZE - offsetBytes);
    expect(bytes.equals(BYTES.subarray(offsetBytes))).toBe(true);
  });

  it.each([SIZE, SIZE + 10_000])(
    'is an error where the file has ended (%d)',
    async (offsetBytes) => {
      const [request] = await get({ offsetBytes, lengthBytes: 5_000 }, 5_000);
      expect(request.error).toMatchObject({ code: 'FILE_RANGE', class: 'config' });
      expect(request.bytes).toBe(0);
    },
  );
});
