import { describe, expect, it } from '@jest/globals';
import { CredentialsSource, defaultCredentials } from './credentials.ts';

const KEYS = { accessKeyId: 'id', secretAccessKey: 'secret' };

describe('CredentialsSource', () => {
  it('fetches again before they expire, once', async () => {
    let nowMs = 0;
    let fetches = 0;
    const source = new CredentialsSource(
      () => Promise.resolve({ ...KEYS, expiration: new Date(++fetches * 3_600_000) }),
      () => nowMs,
    );
    await Promise.all([source.fetch(), source.fetch()]);
    expect(fetches).toBe(1);
    expect(await source.refresh()).toBeUndefined();
    nowMs = 3_400_000;
    expect(await source.refresh()).toMatchObject({ expiration: new Date(7_200_000) });
    expect(await source.refresh()).toBeUndefined();
    expect(fetches).toBe(2);
  });

  it('keeps the old ones when there are no fresh ones, and asks again later', async () => {
    let nowMs = 0;
    let fetches = 0;
    const source = new CredentialsSource(
      () =>
        fetches++ === 0
          ? Promise.resolve({ ...KEYS, expiration: new Date(1_000) })
          : Promise.reject(new TypeError('no')),
      () => nowMs,
    );
    await source.fetch();
    expect(await source.refresh()).toBeUndefined();
    expect(await source.refresh()).toBeUndefined();
    expect(fetches).toBe(2);
    nowMs += 10_000;
    await source.refresh();
    expect(fetches).toBe(3);
    expect(source.current).toMatchObject(KEYS);
  });
});

describe('defaultCredentials()', () => {
  it('takes keys from the environment', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    };
    expect(await defaultCredentials(env)()).toEqual({ ...KEYS, sessionToken: 'token' });
  });
});
