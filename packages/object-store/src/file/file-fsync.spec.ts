import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

async function open(
  scheme: string,
  fileMode: 'sync' | 'async',
  fsync: boolean,
): Promise<ObjectClient> {
  const nowNs = (): number => performance.now() * 1e6;
  const options = { nowNs, fileMode, fsync, maxInFlight: 1, env: {} };
  return new ObjectClient(await openStore(`${scheme}://${directory.path}/`, options));
}

describe.each(['sync', 'async'] as const)('a PUT with fsync, %s', (fileMode) => {
  it.each(['file', 'direct'])('ends well on %s', async (scheme) => {
    const client = await open(scheme, fileMode, true);
    for (const length of [0, 4096, 5000]) {
      const bytes = new Uint8Array(length).fill(3);
      await client.put('object', bytes);
      expect((await client.get('object')).equals(bytes)).toBe(true);
    }
  });

  it('is flushed, and only then: a device that cannot be flushed says so', async () => {
    symlinkSync('/dev/null', join(directory.path, 'object'));
    const bytes = new Uint8Array(10);
    await (await open('file', fileMode, false)).put('object', bytes);
    await expect((await open('file', fileMode, true)).put('object', bytes)).rejects.toMatchObject({
      cause: { code: 'EINVAL', syscall: 'fsync' },
    });
  });
});
