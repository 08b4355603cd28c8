import { afterEach, describe, expect, it } from '@jest/globals';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure } from '../testing/s3-fixture.ts';

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

  it.each(['NotImplemented', 'MethodNotAllowed', 'InternalError'] as const)(
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

  it('says of each object that is left why that is', async () => {
    await faulty.start({}, { refuse: { DeleteObjects: 'NotImplemented' } });
    await put(['a', 'b']);
    faulty.strike({ kind: 'error', code: 'AccessDenied' }, { operation: 'DeleteObject', key: 'b' });
    const failures = await faulty.store.deleteObjects(['a', 'b']);
    expect([...failures.keys()]).toEqual(['b']);
    expect(failures.get('b')).toMatchObject({ code: 'S3_AccessDenied', class: 'permission' });
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
