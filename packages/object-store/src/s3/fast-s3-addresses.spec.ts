import dns from 'node:dns';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import type { Address } from './http/address-list.ts';

const NAME = 's3.example';
const [ONE, TWO] = ['127.0.0.1', '127.0.0.2'] as const;
const CONNECTIONS = 8;
/** How often the name is resolved again. */
const REFRESH_MS = 30_000;

let leadsTo: readonly string[];
// The store is loaded afterwards, so that it sees this.
jest
  .spyOn(dns.promises, 'lookup')
  .mockImplementation((() =>
    Promise.resolve(
      leadsTo.map((address) => ({ address, family: 4 })),
    )) as unknown as typeof dns.promises.lookup);
const { FastS3Store } = await import('./fast-s3-store.ts');
const { openStore } = await import('../open-store.ts');
const { ObjectClient } = await import('../object-client.ts');

let port: number;
const servers = new Map<string, S3TestServer>();
let store: InstanceType<typeof FastS3Store>;

async function startServer(host: string): Promise<void> {
  const server = await startS3TestServer({ host, port, buckets: ['bucket'], anonymous: true });
  servers.set(host, server);
  port = Number(server.host.replace(/^.*:/, ''));
}

async function stopServer(host: string): Promise<void> {
  await servers.get(host)?.stop();
  servers.delete(host);
}

/** Many operations, as many at once as there may be connections; the errors of those that failed. */
async function work(operations = 10 * CONNECTIONS): Promise<BenchError[]> {
  const client = new ObjectClient(store);
  const errors: BenchError[] = [];
  let left = operations;
  const slot = async (): Promise<void> => {
    while (left-- > 0) {
      await client
        .put('key', Buffer.from('x'))
        .catch((error: unknown) => errors.push(BenchError.from(error)));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, slot));
  return errors;
}

/** Lets the time pass after which the name is resolved again, and what follows happen. */
async function refresh(): Promise<void> {
  jest.advanceTimersByTime(REFRESH_MS + 1_000);
  for (let turns = 0; turns < 200; turns++) await turn();
}

function at(host: string): Address {
  const found = store.addresses().find((address) => address.host === host);
  if (found === undefined) throw new TypeError(`${host} was never used`);
  return found;
}

beforeEach(async () => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout'],
  });
  port = 0;
  leadsTo = [ONE, TWO];
  for (const host of leadsTo) await startServer(host);
  const opened = await openStore(`s3://${NAME}:${String(port)}/bucket/`, {
    nowNs: () => performance.now() * 1e6,
    maxInFlight: CONNECTIONS,
    fileMode: 'sync',
    env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
  });
  if (!(opened instanceof FastS3Store)) throw new TypeError('not the fast store');
  store = opened;
});

afterEach(async () => {
  store.close();
  for (const host of [...servers.keys()]) await stopServer(host);
  jest.useRealTimers();
});

describe('FastS3Store and a name with many addresses', () => {
  it('uses all of them alike, and counts what goes over each', async () => {
    expect(await work()).toEqual([]);
    for (const host of [ONE, TWO]) {
      expect(at(host)).toMatchObject({ open: CONNECTIONS / 2, connects: CONNECTIONS / 2 });
      const seen = servers.get(host)?.stats();
      expect(at(host)).toMatchObject({
        requests: seen?.requests.total,
        bytesSent: seen?.bytes.received,
        bytesReceived: seen?.bytes.sent,
      });
    }
    expect(at(ONE).requests + at(TWO).requests).toBe(10 * CONNECTIONS);
  });

  it('takes up an address that is new, and leaves one that has been gone for five minutes', async () => {
    leadsTo = [ONE];
    await work();
    expect(at(ONE).open).toBe(CONNECTIONS);
    leadsTo = [ONE, TWO];
    await refresh();
    expect(await work()).toEqual([]);
    expect([at(ONE).open, at(TWO).open]).toEqual([CONNECTIONS / 2, CONNECTIONS / 2]);
    leadsTo = [TWO];
    for (let times = 0; times < 10; times++) await refresh();
    expect(await work()).toEqual([]);
    expect([at(ONE).open, at(TWO).open]).toEqual([0, CONNECTIONS]);
    expect(at(ONE).requests).toBeGreaterThan(0);
  });

  it('keeps its connections where the name leads now here, now there', async () => {
    leadsTo = [ONE];
    await work();
    leadsTo = [TWO];
    await refresh();
    expect(await work()).toEqual([]);
    const before = [at(ONE).connects, at(TWO).connects];
    expect([at(ONE).open, at(TWO).open]).toEqual([CONNECTIONS / 2, CONNECTIONS / 2]);
    for (const host of [ONE, TWO, ONE, TWO]) {
      leadsTo = [host];
      await refresh();
      expect(await work()).toEqual([]);
    }
    expect([at(ONE).connects, at(TWO).connects]).toEqual(before);
  });

  it('goes on with the others when one dies, without connecting for each operation', async () => {
    leadsTo = [ONE];
    await work();
    leadsTo = [ONE, TWO];
    await refresh();
    await work();
    await stopServer(TWO);
    expect(await work()).toEqual([]);
    expect(at(ONE).open).toBe(CONNECTIONS);
    const { connects } = at(ONE);
    expect(await work()).toEqual([]);
    expect(at(ONE).connects).toBe(connects);
  });

  it.each([ONE, TWO])('fails no operation when %s refuses from the beginning', async (dead) => {
    await stopServer(dead);
    const other = dead === ONE ? TWO : ONE;
    expect(await work(1)).toEqual([]);
    await store.warmUp(CONNECTIONS);
    expect([at(dead).open, at(other).open]).toEqual([0, CONNECTIONS]);
    expect(await work()).toEqual([]);
  });

  it('fails when all refuse, once each was tried', async () => {
    for (const host of [ONE, TWO]) await stopServer(host);
    expect(await work(1)).toMatchObject([{ class: 'network', code: 'S3_ECONNREFUSED' }]);
    expect(store.addresses().every(({ broken }) => broken)).toBe(true);
  });

  it('comes back to one that lives again, and no operation fails for trying', async () => {
    await work();
    await stopServer(TWO);
    await work();
    await refresh();
    expect(await work()).toEqual([]);
    await startServer(TWO);
    await refresh();
    expect(await work()).toEqual([]);
    expect([at(ONE).open, at(TWO).open]).toEqual([CONNECTIONS / 2, CONNECTIONS / 2]);
  });
});
