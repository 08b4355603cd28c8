import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault, S3Operation } from '@sai3bench/s3-test-server';
import { content } from '../testing/content.ts';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure } from '../testing/s3-fixture.ts';

const faulty = new FaultyServer();

afterEach(async () => faulty.stop());

const BYTES = content(20_000);
/** What `CONTENT` is not large enough for. */
const MULTIPART = { thresholdBytes: 1_000, partBytes: 8_192, parallel: 1 };
const PARTS = 3;

const UPLOAD = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'] as const;

async function start(partBytes = MULTIPART.partBytes): Promise<void> {
  const multipart = { ...MULTIPART, partBytes };
  await faulty.start({ multipart, idleTimeoutMs: 5_000 }, { minPartBytes: 1 });
}

/** Does everything that takes requests beside those on single objects, and looks whether it was done. */
async function doAll(): Promise<void> {
  const { client, store } = faulty;
  await client.put('parts', BYTES);
  expect(BYTES.equals(await client.get('parts'))).toBe(true);
  expect(await store.versions.status()).toBe('never');
  expect(await store.deleteObjects(['parts', 'none'])).toEqual(new Map());
  expect((await failure(client.get('parts'))).code).toBe('S3_NoSuchKey');
  expect(await store.abortOrphans('', () => true)).toBe(0);
}

describe('operations of several requests', () => {
  it.each<[string, Fault | readonly Fault[]]>([
    ['chunks of one byte', { kind: 'chunked', chunkBytes: 1, trailers: { 'x-t': 't' } }],
    ['interim answers', { kind: 'interim', statuses: [100, 103, 102] }],
    ['Connection: close', { kind: 'connection-close' }],
    ['answers that come byte by byte', { kind: 'pieces', part: 'all' }],
  ])('go through %s', async (_, fault) => {
    await start();
    faulty.strike(fault);
    await doAll();
    expect(await faulty.recovers()).toBe(true);
  });

  it.each<S3Operation>(['CreateMultipartUpload', 'UploadPart', 'DeleteObjects'])(
    'connect anew when a used connection ends without an answer to %s',
    async (operation) => {
      await start();
      const before = faulty.server.stats().connections.opened;
      faulty.strike({ kind: 'cut', afterBytes: 0, end: 'reset' }, { operation, times: 1 });
      const { client, store } = faulty;
      await client.put('parts', BYTES);
      expect(BYTES.equals(await client.get('parts'))).toBe(true);
      expect(await store.deleteObjects(['parts'])).toEqual(new Map());
      expect(faulty.server.stats().connections.opened).toBe(before + 1);
    },
  );

  it('say that an upload is gone where the answer that completes it was lost, which may pass', async () => {
    await start();
    const operation = 'CompleteMultipartUpload';
    faulty.strike({ kind: 'cut', afterBytes: 0, end: 'reset' }, { operation, times: 1 });
    expect(await failure(faulty.client.put('parts', BYTES))).toMatchObject({
      code: 'S3_NoSuchUpload',
      class: 'server',
      retryable: true,
    });
    await doAll();
  });

  it.each<S3Operation>([...UPLOAD, 'DeleteObjects'])(
    'never take part of an answer for the whole (%s)',
    async (operation) => {
      await start();
      const { client, store } = faulty;
      if (operation === 'DeleteObjects') await client.put('parts', BYTES);
      for (let length = 1; length < 100; length += 3) {
        faulty.strike({ kind: 'cut', afterBytes: length, end: 'reset' }, { operation });
        const done =
          operation === 'DeleteObjects'
            ? store.deleteObjects(['parts'])
            : client.put('parts', BYTES);
        expect((await failure(done)).class).toBe('network');
        faulty.server.faults.clear();
      }
      // Those whose ids were in the answers that were cut off.
      const begun = await store.abortOrphans('', () => true);
      expect(begun).toBe(operation === 'CreateMultipartUpload' ? 33 : 0);
      await doAll();
    },
  );

  it.each(['read-on', 'stop-reading', 'close'] as const)(
    'stop sending a part when the answer comes early (the server may %s)',
    async (then) => {
      await start(16 << 20);
      const fault = { kind: 'early-answer', afterBodyBytes: 1, code: 'SlowDown', then } as const;
      faulty.strike(fault, { operation: 'UploadPart' });
      const error = await failure(faulty.client.put('large', Buffer.alloc(20 << 20)));
      expect(error).toMatchObject({ code: 'S3_SlowDown', class: 'throttled' });
      expect(faulty.server.stats().requests.byOperation.UploadPart).toBe(1);
      expect(faulty.server.stats().requests.byOperation.AbortMultipartUpload).toBe(1);
      faulty.server.faults.clear();
      await doAll();
    },
  );

  it.each<S3Operation>([...UPLOAD, 'DeleteObjects'])(
    'explain an error of %s by its code and the request id',
    async (operation) => {
      await start();
      faulty.strike({ kind: 'error', code: 'AccessDenied' }, { operation });
      const { client, store } = faulty;
      const done =
        operation === 'DeleteObjects' ? store.deleteObjects(['a']) : client.put('parts', BYTES);
      const error = await failure(done);
      expect(error).toMatchObject({ code: 'S3_AccessDenied', class: 'permission' });
      expect(error.message).toMatch(/AccessDenied, HTTP 403, request \w+/);
    },
  );

  it('send the parts of an object as they are, and each once', async () => {
    await start();
    await faulty.client.put('parts', BYTES);
    const { byOperation } = faulty.server.stats().requests;
    expect(UPLOAD.map((operation) => byOperation[operation])).toEqual([1, PARTS, 1]);
    expect(byOperation.PutObject).toBe(1);
    expect(CONTENT.equals(await faulty.client.get('key'))).toBe(true);
  });
});
