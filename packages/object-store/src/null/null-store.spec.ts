import { describe, expect, it } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import { StoreRequest } from '../store-request.ts';
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

  it('has every object, of the length that is expected', async () => {
    const request = await new Promise<StoreRequest>((resolve) => {
      const get = new StoreRequest(resolve);
      get.sizeBytes = 4096;
      store.submit(get);
    });
    expect(request.bytes).toBe(4096);
    expect(request.error).toBeUndefined();
  });

  it('lists nothing', async () => {
    expect(await new ObjectClient(store).list('', () => undefined)).toBe(0);
  });
});
