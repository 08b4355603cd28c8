import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allocateEndpointBoard, endpointBoard, endpointOfKey } from '@sai3bench/multi-endpoint';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { freePort, temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { openSideStore } from '../../testing/open-side-store.ts';
import { planOf } from '../../testing/run-plan.ts';
import type { SideStore } from './side-store.ts';

let directory: TemporaryDirectory;
const undo: (() => unknown)[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
  directory.remove();
});

/** A store over some endpoints, and what its workers know of them. */
async function open(
  endpoints: readonly string[],
  more = '',
): Promise<{ store: SideStore; isOut: (endpoint: number) => boolean }> {
  const addresses = endpoints.map((address) => `"${address}"`).join(', ');
  const plan = planOf(`
multi_endpoint: {endpoints: [${addresses}], circuit_breaker: {failures: 3, pause: 60s, longest_pause: 60s}${more}}
workload: [{op: get, path: some/object, weight: 1}]
`);
  const board = allocateEndpointBoard(endpoints.length);
  const store = await openSideStore(plan, board);
  undo.push(() => {
    store.close();
  });
  return { store, isOut: (endpoint) => endpointBoard(board).state[endpoint] !== 0 };
}

/** A directory with an object in it, and its address. */
function mount(name: string, key = 'object'): string {
  mkdirSync(join(directory.path, name), { recursive: true });
  writeFileSync(join(directory.path, name, key), 'content');
  return address(name);
}

function address(name: string): string {
  return `file://${join(directory.path, name)}/`;
}

/** A server; the environment has what it lets in. */
async function startBucket(): Promise<S3TestServer> {
  const s3 = await startS3TestServer({ buckets: ['bucket'] });
  undo.push(() => s3.stop());
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = s3.env;
  setEnvironment({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  return s3;
}

function setEnvironment(variables: NodeJS.ProcessEnv): void {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  undo.push(() => {
    process.env = before;
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What was asked of each endpoint, and what of it failed. */
function countsOf(store: SideStore): [number, number][] {
  return store.requests.map(({ failures, requests }) => [requests, failures]);
}

describe('SideStore', () => {
  it('takes another endpoint where one has an error of its own, and takes that one out', async () => {
    const well = mount('well');
    // Nobody can open a socket as a file: the system says what it says of a device that is gone.
    mkdirSync(join(directory.path, 'ill'));
    const socket = createServer().listen(join(directory.path, 'ill/object'));
    undo.push(() => socket.close());
    const { isOut, store } = await open([address('ill'), well]);
    for (let n = 0; n < 20; n++)
      expect(Buffer.from(await store.head('object', 100)).toString()).toBe('content');
    expect(isOut(0)).toBe(true);
    expect(countsOf(store)).toEqual([
      [3, 3],
      [20, 0],
    ]);
  });

  it('finds all of many objects at once though an endpoint of two is dead', async () => {
    const s3 = await startBucket();
    const { store } = await open([
      `s3://127.0.0.1:${String(await freePort())}/bucket/`,
      `s3://${s3.host}/bucket/`,
    ]);
    mount('original');
    await store.putFile('object', join(directory.path, 'original/object'));
    const lengths = await Promise.all(Array.from({ length: 65 }, () => store.stat('object')));
    expect(new Set(lengths)).toEqual(new Set([7]));
  });

  it('ends what is under way, with its connection, when it is cancelled', async () => {
    const blackHole = createServer((socket) => socket.resume());
    const connected = once(blackHole, 'connection') as Promise<[Socket]>;
    await once(blackHole.listen(0, '127.0.0.1'), 'listening');
    undo.push(() => blackHole.close());
    setEnvironment({ AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' });
    const { port } = blackHole.address() as AddressInfo;
    const { store } = await open([`s3://127.0.0.1:${String(port)}/bucket/`]);
    mount('original');
    const putting = store.putFile('object', join(directory.path, 'original/object'));
    const ended = expect(putting).rejects.toMatchObject({ class: 'cancelled' });
    const [socket] = await connected;
    const closed = once(socket, 'close');
    store.cancelAll();
    await Promise.all([ended, closed]);
  });

  it('does not try again what is cancelled between two attempts', async () => {
    const s3 = await startBucket();
    const { store } = await open([`s3://${s3.host}/bucket/`]);
    s3.faults.add({ fault: { kind: 'error', code: 'SlowDown' } });
    const looking = store.stat('object');
    const ended = expect(looking).rejects.toMatchObject({ class: 'throttled' });
    while (countsOf(store)[0]?.[0] === 0) await nextTurn();
    store.cancelAll();
    await ended;
    expect(s3.stats().requests.total).toBe(1);
  });

  it('does not take a file system that is not mounted for an empty one', async () => {
    const { store } = await open([address('missing'), mount('well')]);
    const names: string[] = [];
    const note = (name: string): undefined => {
      names.push(name);
    };
    for (let n = 0; n < 4; n++) {
      expect(await store.stat('object')).toBe(7);
      expect(await store.readDirectory('', note)).toBe(true);
      await store.list('', ({ key }) => {
        names.push(key);
      });
    }
    expect(names).toEqual(new Array(8).fill('object'));
  });

  it('asks no other endpoint for what is not there', async () => {
    const { store } = await open([mount('one'), mount('other')]);
    expect(await store.stat('nothing')).toBeUndefined();
    expect(await store.readDirectory('nothing/', () => undefined)).toBe(false);
    expect(countsOf(store)).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('finds nothing where none of the file systems is there, and says so of a listing', async () => {
    const { store } = await open([address('one'), address('other')]);
    expect(await store.stat('object')).toBeUndefined();
    await expect(store.list('', () => undefined)).rejects.toMatchObject({
      code: 'FILE_ROOT_MISSING',
    });
    expect(countsOf(store)).toEqual([
      [2, 0],
      [2, 0],
    ]);
  });

  it('looks for an object where it belongs, when each is at one endpoint', async () => {
    const key = ['a', 'b', 'c', 'd', 'e', 'f'].find((each) => endpointOfKey(each, 2) === 1) ?? '';
    const { store } = await open(
      [mount('one', key), mount('other', 'else')],
      ', namespace: separate',
    );
    expect(await store.stat(key)).toBeUndefined();
    expect(countsOf(store)).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});
