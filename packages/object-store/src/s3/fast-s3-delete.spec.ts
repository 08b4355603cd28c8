import { afterEach, describe, expect, it } from '@jest/globals';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure } from '../testing/s3-fixture.ts';
import type { DeleteRequest } from './operations/delete-objects.ts';
import type { PayloadProtection } from './s3-options.ts';

const faulty = new FaultyServer();

afterEach(async () => faulty.stop());

const ODD = ['<&>"\'', 'a b+%', 'ü/€', 'tab\tand newline\n', ' spaces '];

async function put(keys: readonly string[]): Promise<void> {
  for (const key of keys) await faulty.client.put(key, CONTENT);
}

async function left(): Promise<number> {
  return faulty.client.list('', () => undefined);
}

describe('FastS3Store.deleteObjects()', () => {
  it('deletes a thousand objects with a request, also those that are not there', async () => {
    await faulty.start();
    const keys = Array.from({ length: 1_001 }, (_, index) => `many/${String(index)}`);
    await put([...keys.slice(0, 20), ...ODD]);
    expect(await faulty.store.deleteObjects([...ODD, ...keys])).toEqual(new Map());
    expect(await left()).toBe(1);
    const { DeleteObject, DeleteObjects } = faulty.server.stats().requests.byOperation;
    expect([DeleteObjects, DeleteObject]).toEqual([2, 0]);
  });

  it.each(['NotImplemented', 'MethodNotAllowed'] as const)(
    'deletes one by one where the server does not do more (%s), and asks once',
    async (code) => {
      await faulty.start({}, { refuse: { DeleteObjects: code } });
      for (let time = 0; time < 2; time++) {
        await put(ODD);
        expect(await faulty.store.deleteObjects([...ODD, 'none'])).toEqual(new Map());
        expect(await left()).toBe(1);
      }
      const { DeleteObject, DeleteObjects } = faulty.server.stats().requests.byOperation;
      expect([DeleteObjects, DeleteObject]).toEqual([1, 12]);
    },
  );

  it.each([405, 501])('understands that also without XML (%d)', async (status) => {
    await faulty.start();
    faulty.strike({ kind: 'empty', status }, { operation: 'DeleteObjects' });
    await put(['a', 'b']);
    expect(await faulty.store.deleteObjects(['a', 'b'])).toEqual(new Map());
    expect(await left()).toBe(1);
    expect(faulty.server.stats().requests.byOperation.DeleteObject).toBe(2);
  });

  it.each<PayloadProtection>(['unsigned', 'signed', 'crc32c', 'crc64nvme', 'sha256'])(
    'signs its list of keys as a whole, however bodies of objects are protected (%s)',
    async (payload) => {
      await faulty.start({ payload });
      const long = Array.from(
        { length: 1_000 },
        (_, index) => `${String(index)}/${'k'.repeat(1_000)}`,
      );
      await put(ODD);
      expect(await faulty.store.deleteObjects(ODD)).toEqual(new Map());
      expect(await faulty.store.deleteObjects(long)).toEqual(new Map());
      expect(await left()).toBe(1);
      const { DeleteObject, DeleteObjects } = faulty.server.stats().requests.byOperation;
      expect([DeleteObjects, DeleteObject]).toEqual([2, 0]);
      const signed = faulty.server
        .requests()
        .map(({ headers }) => headers.get('x-amz-content-sha256'));
      expect(signed.slice(-3, -1)).toEqual(Array(2).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
    },
  );

  it('says of each object that is left why that is', async () => {
    await faulty.start({}, { refuse: { DeleteObjects: 'NotImplemented' } });
    await put(['a', 'b']);
    faulty.strike({ kind: 'error', code: 'AccessDenied' }, { operation: 'DeleteObject', key: 'b' });
    const failures = await faulty.store.deleteObjects(['a', 'b']);
    expect([...failures.keys()]).toEqual(['b']);
    expect(failures.get('b')).toMatchObject({ code: 'S3_AccessDenied', class: 'permission' });
  });

  it('believes only an answer that is a result, whatever its status', async () => {
    await faulty.start();
    await put(['a', 'b']);
    faulty.strike({ kind: 'error', code: 'SlowDown', status: 200 });
    expect(await failure(faulty.store.deleteObjects(['a', 'b']))).toMatchObject({
      code: 'S3_SlowDown',
      retryable: true,
    });
    faulty.server.faults.clear();
    expect(await left()).toBe(3);
    faulty.strike({ kind: 'empty', status: 200 });
    expect(await failure(faulty.store.deleteObjects(['a', 'b']))).toMatchObject({
      code: 'S3_ILLEGAL_ANSWER',
    });
  });

  it('says which objects of a batch were left, and whether that may pass', async () => {
    await faulty.start();
    await put(['a', 'b', 'c']);
    faulty.strike({ kind: 'key-errors', code: 'InternalError', keys: /b/ });
    const failures = await faulty.store.deleteObjects(['a', 'b', 'c']);
    expect([...failures.keys()]).toEqual(['b']);
    expect(failures.get('b')).toMatchObject({ class: 'server', retryable: true });
    faulty.server.faults.clear();
    expect(await left()).toBe(2);
  });

  it('goes on with batches after an internal error that has passed', async () => {
    await faulty.start();
    faulty.strike(
      { kind: 'error', code: 'InternalError' },
      { operation: 'DeleteObjects', times: 1 },
    );
    for (let time = 0; time < 3; time++) {
      await put(['a', 'b']);
      expect(await faulty.store.deleteObjects(['a', 'b'])).toEqual(new Map());
      expect(await left()).toBe(1);
    }
    const { DeleteObject, DeleteObjects } = faulty.server.stats().requests.byOperation;
    expect([DeleteObjects, DeleteObject]).toEqual([3, 2]);
  });

  it('asks ever more rarely where every batch ends with an internal error', async () => {
    await faulty.start({}, { refuse: { DeleteObjects: 'InternalError' } });
    for (let time = 0; time < 40; time++)
      expect(await faulty.store.deleteObjects(['none'])).toEqual(new Map());
    const { DeleteObject, DeleteObjects } = faulty.server.stats().requests.byOperation;
    expect([DeleteObjects, DeleteObject]).toEqual([5, 40]);
  });

  it('begins no deletion after a cancellation', async () => {
    await faulty.start({}, { refuse: { DeleteObjects: 'NotImplemented' } });
    faulty.strike({ kind: 'stall-request', afterBodyBytes: 0 }, { operation: 'DeleteObject' });
    const keys = Array.from({ length: 2_500 }, (_, index) => `many/${String(index)}`);
    const deleting = faulty.store.deleteObjects(keys);
    while (faulty.server.stats().requests.byOperation.DeleteObject === 0)
      await new Promise((resolve) => setImmediate(resolve));
    faulty.store.cancelAll();
    const failures = await deleting;
    expect(failures.size).toBe(keys.length);
    expect([...failures.values()].every((error) => error.class === 'cancelled')).toBe(true);
    expect(faulty.server.stats().requests.byOperation.DeleteObject).toBeLessThanOrEqual(16);
  });

  it('does not take objects for deleted because their bucket is not found', async () => {
    await faulty.start(
      {},
      { refuse: { DeleteObjects: 'NotImplemented', DeleteObject: 'NoSuchBucket' } },
    );
    const failures = await faulty.store.deleteObjects(['a']);
    expect(failures.get('a')).toMatchObject({ code: 'S3_NoSuchBucket' });
  });

  it('tells when each request took place', async () => {
    await faulty.start();
    const sent: DeleteRequest[] = [];
    await faulty.store.deleteObjects(['a', 'b'], (request) => sent.push(request));
    faulty.strike({ kind: 'error', code: 'NotImplemented' }, { operation: 'DeleteObjects' });
    await faulty.store.deleteObjects(['a', 'b'], (request) => sent.push(request));
    expect(sent.map(({ keys }) => keys)).toEqual([['a', 'b'], ['a', 'b'], ['a'], ['b']]);
    for (const { endNs, firstByteNs, startNs } of sent) {
      expect(startNs).toBeGreaterThan(0);
      expect(firstByteNs).toBeGreaterThanOrEqual(startNs);
      expect(endNs).toBeGreaterThanOrEqual(firstByteNs);
    }
  });

  it('fails when the whole request does, and deletes nothing one by one then', async () => {
    await faulty.start();
    await put(['a']);
    faulty.strike({ kind: 'error', code: 'SlowDown' });
    expect(await failure(faulty.store.deleteObjects(['a']))).toMatchObject({ class: 'throttled' });
    expect(await faulty.recovers()).toBe(true);
    expect(faulty.server.stats().requests.byOperation.DeleteObject).toBe(0);
  });
});
