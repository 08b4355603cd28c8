import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import { StoreRequest } from '../store-request.ts';
import { AlignedBuffers } from './aligned-buffers.ts';
import { probeDirectRead, probeDirectWrite } from './direct-probe.ts';

const CHUNK = 16_384;
const SIZES = [0, 1, 4095, 4096, 4097, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 4096];
/** Proc does not know O_DIRECT anywhere. */
const REFUSING = '/proc/';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function open(fileMode: StoreOptions['fileMode'], root = directory.path): Promise<ObjectStore> {
  const nowNs = (): number => performance.now() * 1e6;
  return openStore(`direct://${root}`, {
    ...{ nowNs, fileMode, maxInFlight: 4, chunkBytes: CHUNK, env: {} },
  });
}

function run(store: ObjectStore, fields: Partial<StoreRequest>): Promise<StoreRequest> {
  return new Promise((resolve) => {
    store.submit(Object.assign(new StoreRequest(resolve), fields));
  });
}

function contentOf(sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8)) | 1);
}

describe.each(['sync', 'async'] as const)('direct files, %s', (fileMode) => {
  describe.each([true, false])('with payloads that are aligned: %s', (aligned) => {
    it.each(SIZES)('hold the %d bytes that were put, as others see them', async (sizeBytes) => {
      const store = await open(fileMode);
      const content = contentOf(sizeBytes);
      const buffer = new AlignedBuffers(CHUNK, 1).take();
      const chunk = (offset: number, length: number): Uint8Array => {
        buffer.set(content.subarray(offset, offset + length));
        return aligned ? buffer.subarray(0, length) : content.slice(offset, offset + length);
      };
      const payload = { aligned, chunk };
      const put = await run(store, { operation: 'PUT', key: 'a/b', sizeBytes, payload });
      expect(put).toMatchObject({ error: undefined, bytes: sizeBytes });
      expect(readFileSync(join(directory.path, 'a/b')).equals(content)).toBe(true);
    });
  });

  it.each(SIZES)('yield the %d bytes that others wrote, in order', async (sizeBytes) => {
    const store = await open(fileMode);
    const content = contentOf(sizeBytes);
    writeFileSync(join(directory.path, 'object'), content);
    for (const expected of [sizeBytes, -1, 0, sizeBytes + 1, sizeBytes + 5000]) {
      const pieces: Buffer[] = [];
      const get = await run(store, {
        operation: 'GET',
        key: 'object',
        sizeBytes: expected,
        onData: (piece, offset) => {
          expect(offset).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
          pieces.push(Buffer.from(piece));
        },
      });
      expect(get).toMatchObject({ error: undefined, bytes: sizeBytes });
      expect(Buffer.concat(pieces).equals(content)).toBe(true);
    }
  });

  it('say which file system refuses O_DIRECT, and what to do', async () => {
    const client = new ObjectClient(await open(fileMode, REFUSING));
    await expect(client.get('version')).rejects.toMatchObject({
      code: 'FILE_DIRECT_REFUSED',
      class: 'config',
      message: 'GET /proc/version failed: proc refuses O_DIRECT',
      hint: expect.stringContaining('use a file:// address'),
    });
    await expect(client.get('missing')).rejects.toMatchObject({ class: 'not-found' });
  });
});

describe('the probe of O_DIRECT', () => {
  it('leaves nothing behind where it may be used', () => {
    probeDirectWrite(directory.path, 'probe');
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('reads a file where there is one', () => {
    expect(probeDirectRead(directory.path)).toBe(false);
    mkdirSync(join(directory.path, 'below'));
    writeFileSync(join(directory.path, 'object'), 'x');
    expect(probeDirectRead(directory.path)).toBe(true);
  });

  it('finds a file system that refuses it', () => {
    expect(() => {
      probeDirectRead(REFUSING);
    }).toThrow(expect.objectContaining({ code: 'FILE_DIRECT_REFUSED' }));
  });
});
