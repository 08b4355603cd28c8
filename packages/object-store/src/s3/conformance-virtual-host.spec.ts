import dns from 'node:dns';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import type { ObjectStore } from '../object-store.ts';
import type { ConformanceServer } from '../testing/conformance-server.ts';
import type { Driver } from '../testing/driver.ts';

const NAME = 's3.example';
const LOOPBACK = { address: '127.0.0.1', family: 4 };
const asked = new Set<string>();

// Every name leads here. The drivers are loaded afterwards, so that they see it.
jest.spyOn(dns.promises, 'lookup').mockImplementation(((name: string) => {
  asked.add(name);
  return Promise.resolve([LOOPBACK]);
}) as unknown as typeof dns.promises.lookup);
jest.spyOn(dns, 'lookup').mockImplementation(((
  name: string,
  _options: unknown,
  done: (error: null, addresses: readonly (typeof LOOPBACK)[]) => void,
) => {
  asked.add(name);
  process.nextTick(done, null, [LOOPBACK]);
}) as unknown as typeof dns.lookup);

const { openDriver } = await import('../testing/driver.ts');
const { OPERATIONS } = await import('../testing/conformance-table.ts');
const { SERVERS, startConformanceServer, whySkipped } =
  await import('../testing/conformance-server.ts');
const { ObjectClient } = await import('../object-client.ts');

const DRIVERS: readonly Driver[] = ['fast', 'sdk'];
const CHOSEN = /the key|ranges|missing|finds|prefix|4096 bytes|deletes/;
const VIRTUAL = { addressing: 'virtual-host' } as const;
/** It would take a name below that of AWS. */
const ABSENT = { s3rver: 'is not asked to know names here' };

let store: ObjectStore | undefined;

afterEach(() => store?.close());

function nameOf(host: string): string {
  return `${NAME}:${host.replace(/^.*:/, '')}`;
}

describe.each(SERVERS)('with %s', (name) => {
  const installed = whySkipped(name, ABSENT) === undefined;
  let server: ConformanceServer;

  beforeAll(async () => {
    if (installed) server = await startConformanceServer(name, { domain: NAME });
  });
  afterAll(async () => {
    if (installed) await server.stop();
  });

  describe.each(DRIVERS)('virtual-host addressing by the driver %s', (driver) => {
    for (const { answer, does, except, run } of OPERATIONS) {
      if (!CHOSEN.test(does)) continue;
      const skipped = whySkipped(name, { ...except, ...ABSENT });
      const test = skipped === undefined ? it : it.skip;
      test(skipped === undefined ? does : `${does} (${skipped})`, async () => {
        const host = nameOf(server.host);
        store = await openDriver(driver, { host, env: server.env }, 'bucket/', VIRTUAL);
        const { etag } = server;
        expect(await run({ store, client: new ObjectClient(store), etag })).toEqual(answer);
        expect(asked).toContain(`bucket.${NAME}`);
      });
    }
  });
});

it('operations on the bucket, and those of several requests, name it in Host alone', async () => {
  const server = await startS3TestServer({
    ...{ buckets: ['bucket'], domains: [NAME], requestLog: 20, minPartBytes: 1 },
  });
  const host = nameOf(server.host);
  store = await openDriver('fast', { host, env: server.env }, 'bucket/p/', {
    ...VIRTUAL,
    multipart: { thresholdBytes: 4_096, partBytes: 4_096, parallel: 1 },
  });
  const client = new ObjectClient(store);
  await client.put('key', Buffer.alloc(8_000));
  expect(await client.list('', () => undefined)).toBe(1);
  expect(await store.versions?.status()).toBe('never');
  expect(await store.abortOrphans?.('', () => true)).toBe(0);
  expect(await store.deleteObjects?.(['key'])).toEqual(new Map());
  expect(await client.list('', () => undefined)).toBe(0);
  const requests = server.requests();
  expect(new Set(requests.map(({ headers }) => headers.get('host')))).toEqual(
    new Set([`bucket.${host}`]),
  );
  for (const { target } of requests) expect(target).toMatch(/^\/(p\/key)?\?/);
  await server.stop();
});

it.each(DRIVERS)('the driver %s names the bucket in Host, and not in the path', async (driver) => {
  const server = await startS3TestServer({ buckets: ['bucket'], domains: [NAME], requestLog: 1 });
  const host = nameOf(server.host);
  store = await openDriver(driver, { host, env: server.env }, 'bucket/', VIRTUAL);
  await new ObjectClient(store).put('key', Buffer.from('x'));
  const [request] = server.requests();
  expect(request?.headers.get('host')).toBe(`bucket.${host}`);
  expect(request?.target).toMatch(/^\/key/);
  await server.stop();
});
