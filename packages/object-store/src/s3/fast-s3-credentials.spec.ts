import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import { setEnvironment } from '../testing/environment.ts';
import { answer as httpAnswer, startScriptedServer } from '../testing/scripted-server.ts';

const ENV = { AWS_REGION: 'us-east-1' };
const KEYS = { accessKeyId: 'OF-A-PROGRAM', secretAccessKey: 'secret', sessionToken: 'token' };

let directory: TemporaryDirectory;
let restore = (): void => undefined;
let stores: ObjectStore[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
  const path = (name: string): string => join(directory.path, name);
  writeFileSync(
    path('keys'),
    'echo asked >> "$(dirname "$0")/calls"; cat "$(dirname "$0")/answer"',
  );
  writeFileSync(path('config'), `[default]\ncredential_process = sh ${path('keys')}\n`);
  restore = setEnvironment({
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: path('config'),
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  });
});

afterEach(() => {
  jest.useRealTimers();
  for (const store of stores) store.close();
  stores = [];
  restore();
  directory.remove();
});

/** What the program says that the configuration of the SDK names. */
function answer({ accessKeyId, secretAccessKey, sessionToken }: typeof KEYS, expires?: Date): void {
  const text = {
    ...{ Version: 1, AccessKeyId: accessKeyId },
    ...{ SecretAccessKey: secretAccessKey, SessionToken: sessionToken },
    Expiration: expires?.toISOString(),
  };
  writeFileSync(join(directory.path, 'answer'), JSON.stringify(text));
}

describe('FastS3Store with credentials that the SDK finds', () => {
  it('asks once for all stores of a thread', async () => {
    answer(KEYS);
    await using server = await startS3TestServer({ buckets: ['bucket'], credentials: [KEYS] });
    // A thread has one environment for all its stores.
    const env = { ...ENV };
    const open = (prefix: string): Promise<ObjectStore> =>
      openStore(`s3://${server.host}/bucket/${prefix}/`, {
        ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 1, fileMode: 'sync', env },
      });
    stores = await Promise.all(['a', 'b', 'c'].map(open));
    const put = (store: ObjectStore): Promise<void> =>
      new ObjectClient(store).put('key', Buffer.from('x'));
    await Promise.all(stores.map(put));
    const late = await open('d');
    stores.push(late);
    await put(late);
    expect(server.stats()).toMatchObject({ answers: { 200: 4 }, errors: {} });
    expect(readFileSync(join(directory.path, 'calls'), 'utf8')).toBe('asked\n');
  });

  it('signs with fresh ones before the old ones expire', async () => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout', 'clearTimeout'],
    });
    answer(KEYS, new Date(Date.now() + 4 * 60_000));
    const server = await startScriptedServer(() => httpAnswer(200));
    const store = await openStore(`s3://127.0.0.1:${String(server.port)}/bucket/`, {
      ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 1, fileMode: 'sync' },
      env: { ...ENV },
    });
    stores = [store];
    const client = new ObjectClient(store);
    const put = async (): Promise<string> => {
      await client.put('key', Buffer.from('x'));
      return server.requests.at(-1)?.head ?? '';
    };
    try {
      expect(await put()).toContain(`Credential=${KEYS.accessKeyId}/`);
      answer({ ...KEYS, accessKeyId: 'FRESH', sessionToken: 'fresh-token' });
      expect(await put()).toContain(`Credential=${KEYS.accessKeyId}/`);
      jest.advanceTimersByTime(30_000);
      let head = '';
      // The program takes some time, in which operations go on with the old ones.
      while (!head.includes('Credential=FRESH/')) head = await put();
      expect(head).toContain('x-amz-security-token: fresh-token\r\n');
    } finally {
      server.close();
    }
  });
});
