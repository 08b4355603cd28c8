import dns from 'node:dns';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import type { ObjectStore } from '../object-store.ts';
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
const { ObjectClient } = await import('../object-client.ts');

const DRIVERS: readonly Driver[] = ['fast', 'sdk'];
const CHOSEN = /the key|ranges|missing|finds|prefix|4096 bytes|deletes/;

describe.each(DRIVERS)('virtual-host addressing by the driver %s', (driver) => {
  let server: S3TestServer;
  let store: ObjectStore;

  beforeAll(async () => {
    server = await startS3TestServer({ buckets: ['bucket'], domains: [NAME], requestLog: 1 });
  });
  afterEach(() => store.close());
  afterAll(async () => server.stop());

  for (const { answer, does, run } of OPERATIONS.filter((each) => CHOSEN.test(each.does))) {
    it(does, async () => {
      const host = `${NAME}:${server.host.replace(/^.*:/, '')}`;
      store = await openDriver(driver, { host, env: server.env }, 'bucket/', {
        addressing: 'virtual-host',
      });
      // The ETag is that of the path style, which is tested elsewhere.
      const etag = (): Promise<undefined> => Promise.resolve(undefined);
      const found = await run({ store, client: new ObjectClient(store), etag });
      const expected =
        typeof answer === 'object' && answer !== null && 'etag' in answer
          ? { ...answer, etag: undefined }
          : answer;
      expect(found).toEqual(expected);
      expect(asked).toContain(`bucket.${NAME}`);
      expect(server.requests()[0]?.headers.get('host')).toBe(`bucket.${host}`);
      expect(server.requests()[0]?.target).not.toMatch(/^\/bucket/);
    });
  }
});
