import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { setEnvironment } from '../../testing/environment.ts';
import { answer, startScriptedServer } from '../../testing/scripted-server.ts';
import { credentialsOf, CredentialsSource } from './credentials.ts';

const KEYS = { accessKeyId: 'id', secretAccessKey: 'secret' };

describe('CredentialsSource', () => {
  it('fetches again before they expire, once for all who ask', async () => {
    let nowMs = 0;
    let fetches = 0;
    const source = new CredentialsSource(
      () => Promise.resolve({ ...KEYS, expiration: new Date(++fetches * 3_600_000) }),
      () => nowMs,
    );
    const [first, second] = await Promise.all([source.get(), source.get()]);
    expect(first).toBe(second);
    expect(await source.get()).toBe(first);
    expect(fetches).toBe(1);
    nowMs = 3_400_000;
    const fresh = await Promise.all([source.get(), source.get()]);
    expect(fresh[0]).toMatchObject({ expiration: new Date(7_200_000) });
    expect(fresh[1]).toBe(fresh[0]);
    expect(await source.get()).toBe(fresh[0]);
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
    const first = await source.get();
    nowMs += 10_000;
    expect(await Promise.all([source.get(), source.get()])).toEqual([first, first]);
    expect(await source.get()).toBe(first);
    expect(fetches).toBe(2);
    nowMs += 10_000;
    expect(await source.get()).toBe(first);
    expect(fetches).toBe(3);
  });

  it('asks again at once when there are none yet', async () => {
    let fetches = 0;
    const source = new CredentialsSource(
      () => (fetches++ === 0 ? Promise.reject(new TypeError('no')) : Promise.resolve(KEYS)),
      () => 0,
    );
    await expect(source.get()).rejects.toThrow('no');
    expect(await source.get()).toEqual(KEYS);
  });
});

describe('credentialsOf()', () => {
  it('takes keys from the environment', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    };
    expect(await credentialsOf(env).get()).toEqual({ ...KEYS, sessionToken: 'token' });
  });

  it('assumes roles in the region of the environment', async () => {
    const role = ['AccessKeyId>ROLE</AccessKeyId', 'SecretAccessKey>secret</SecretAccessKey'];
    const tags = [
      ...role,
      'SessionToken>token</SessionToken',
      'Expiration>2999-01-01T00:00:00Z</Expiration',
    ];
    const credentials = tags.map((tag) => `<${tag}>`).join('');
    const sts = await startScriptedServer(() =>
      answer(
        200,
        `<AssumeRoleResponse><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
        'content-type: text/xml\r\n',
      ),
    );
    const directory = temporaryDirectory();
    const config = join(directory.path, 'config');
    writeFileSync(
      config,
      `[profile base]
aws_access_key_id = id
aws_secret_access_key = secret
[profile role]
role_arn = arn:aws:iam::123456789012:role/bench
source_profile = base
`,
    );
    const env = {
      AWS_PROFILE: 'role',
      AWS_REGION: 'eu-west-1',
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${String(sts.port)}`,
    };
    const restore = setEnvironment(env);
    try {
      expect(await credentialsOf(env).get()).toMatchObject({ accessKeyId: 'ROLE' });
      expect(sts.requests.map(({ head }) => head)).toEqual([
        expect.stringContaining('/eu-west-1/sts/aws4_request'),
      ]);
    } finally {
      restore();
      directory.remove();
      sts.close();
    }
  });
});
