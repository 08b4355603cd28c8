import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { openSideStore } from '../../testing/open-side-store.ts';
import { planOf } from '../../testing/run-plan.ts';
import type { SideStore } from '../side-store/side-store.ts';
import { OutgoingFile } from './local-file.ts';

/** More than a store takes in one piece, and no whole number of them. */
const CONTENT = randomBytes(3_000_001);
const KEY = 'copy';

let directory: TemporaryDirectory;
let server: S3TestServer;
let original: string;
let copy: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'data'));
  server = await startS3TestServer({ buckets: ['bucket'] });
  Object.assign(process.env, server.env);
  original = join(directory.path, 'original');
  copy = join(directory.path, 'restored');
  writeFileSync(original, CONTENT);
});
afterEach(async () => {
  for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
  await server.stop();
  directory.remove();
});

async function atStore(target: string, act: (store: SideStore) => Promise<void>): Promise<void> {
  const yaml = `target: ${target}\nworkload: [{op: get, path: x, weight: 1}]`;
  const store = await openSideStore(planOf(yaml));
  try {
    await act(store);
  } finally {
    store.close();
  }
}

const bucket = (): string => `s3://${server.host}/bucket/`;

describe('a file that goes to a store', () => {
  it.each([
    ['files', () => `file://${directory.path}/data/`],
    ['S3', bucket],
  ])('comes back as it was: %s', async (_, target) => {
    await atStore(target(), async (store) => {
      await store.putFile(KEY, original);
      expect(await store.getFile(KEY, copy)).toBe(true);
    });
    expect(readFileSync(copy).equals(CONTENT)).toBe(true);
  });

  it('is the one that was begun with when another one takes its name', () => {
    const file = new OutgoingFile(original);
    const other = join(directory.path, 'other');
    writeFileSync(other, 'another one');
    renameSync(other, original);
    expect(CONTENT.subarray(0, 4096).equals(file.chunk(0, 4096))).toBe(true);
    file.check();
    file.close();
  });

  it('is no good when it was cut short meanwhile', () => {
    const file = new OutgoingFile(original);
    truncateSync(original, 10);
    file.chunk(0, 20);
    expect(() => {
      file.check();
    }).toThrow(expect.objectContaining({ code: 'FILE_TOO_SHORT' }));
    file.close();
  });
});

describe('a file that comes from a store', () => {
  it('is whole although an attempt was cut off', async () => {
    await atStore(bucket(), async (store) => {
      await store.putFile(KEY, original);
      server.faults.add({
        match: { operation: 'GetObject', times: 1 },
        fault: { kind: 'cut', afterBytes: 2_000_000, from: 'body', end: 'reset' },
      });
      expect(await store.getFile(KEY, copy)).toBe(true);
    });
    expect(readFileSync(copy).equals(CONTENT)).toBe(true);
  });

  it('is none where the object is not there', async () => {
    await atStore(bucket(), async (store) => {
      expect(await store.getFile(KEY, copy)).toBe(false);
    });
  });

  it('is refused where it cannot be written', async () => {
    const path = join(directory.path, 'missing', 'restored');
    await atStore(bucket(), async (store) => {
      await store.putFile(KEY, original);
      await expect(store.getFile(KEY, path)).rejects.toMatchObject({ code: 'FILE_ENOENT' });
    });
    expect(existsSync(path)).toBe(false);
  });
});
