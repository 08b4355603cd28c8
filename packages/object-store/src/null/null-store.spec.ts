import { describe, expect, it } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import { type StoreOperation, StoreRequest } from '../store-request.ts';
import { NullStore } from './null-store.ts';

describe('NullStore', () => {
  const store = new NullStore({ nowNs: () => performance.now() * 1e6 });

  it('answers asynchronously, so that the caller is never called back from within submit', async () => {
    let inSubmit = true;
    const calledInSubmit = await new Promise<boolean>((resolve) => {
      const request = new StoreRequest(() => {
        resolve(inSubmit);
      });
      store.submit(request);
      inSubmit = false;
    });
    expect(calledInSubmit).toBe(false);
  });

  it('asks for the whole payload of a PUT, in pieces', async () => {
    const asked: [number, number][] = [];
    const request = await new Promise<StoreRequest>((resolve) => {
      const put = new StoreRequest(resolve);
      put.operation = 'PUT';
      put.sizeBytes = 9 * 1024 * 1024;
      put.payload = {
        chunk: (offset, length) => {
          asked.push([offset, length]);
          return new Uint8Array(0);
        },
      };
      store.submit(put);
    });
    expect(asked.map(([offset]) => offset)).toEqual([0, 4194304, 8388608]);
    expect(asked.reduce((sum, [, length]) => sum + length, 0)).toBe(request.bytes);
  });

  it('asks for no larger pieces of a payload than it was told', async () => {
    const small = new NullStore({ nowNs: () => performance.now() * 1e6, chunkBytes: 4096 });
    const asked: number[] = [];
    await new Promise<StoreRequest>((resolve) => {
      const put = new StoreRequest(resolve);
      put.operation = 'PUT';
      put.sizeBytes = 10_000;
      put.payload = { chunk: (_, length) => new Uint8Array(asked.push(length)) };
      small.submit(put);
    });
    expect(asked).toEqual([4096, 4096, 1808]);
  });

  it.each<[StoreOperation, number]>([
    ['GET', 4096],
    ['PUT', 4096],
    ['STAT', 4096],
    ['LIST', 0],
    ['DELETE', 0],
    ['MKDIR', 0],
    ['RMDIR', 0],
  ])('answers %s of an object that should have 4096 bytes with %d', async (operation, bytes) => {
    const request = await new Promise<StoreRequest>((resolve) => {
      const each = new StoreRequest(resolve);
      each.operation = operation;
      each.sizeBytes = 4096;
      store.submit(each);
    });
    expect(request.bytes).toBe(bytes);
    expect(request.error).toBeUndefined();
  });

  it.each([
    [-1, 100],
    [60, 60],
  ])('answers a GET of 100 bytes of an object, of which %d are expected', async (size, bytes) => {
    const request = await new Promise<StoreRequest>((resolve) => {
      const each = new StoreRequest(resolve);
      each.range = { offsetBytes: 4096, lengthBytes: 100 };
      each.sizeBytes = size;
      store.submit(each);
    });
    expect(request.bytes).toBe(bytes);
  });

  it('lists nothing', async () => {
    expect(await new ObjectClient(store).list('', () => undefined)).toBe(0);
  });
});
