import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import {
  type ClientCredentials,
  CREDENTIALS,
  type ErrorCase,
  ERRORS,
  FAILING,
} from '../testing/error-table.ts';
import {
  type ConformanceServer,
  isInstalled,
  SERVERS,
  startConformanceServer,
  whySkipped,
} from '../testing/conformance-server.ts';
import { type Driver, DRIVERS, openDriver } from '../testing/driver.ts';
import { failure } from '../testing/s3-fixture.ts';

let server: S3TestServer | undefined;
let store: ObjectStore | undefined;

afterEach(async () => {
  store?.close();
  await server?.stop();
  server = store = undefined;
});

const OPERATIONS = ['GET', 'PUT', 'DELETE', 'LIST', 'STAT'] as const;

/** A client for whom something is wrong. */
async function clientOf(driver: Driver, wrong: ErrorCase): Promise<ObjectClient> {
  const { bucket = 'bucket', fault, skewMs = 0 } = wrong;
  const credentials: ClientCredentials = wrong.credentials ?? CREDENTIALS.good;
  server = await startS3TestServer({
    buckets: ['bucket', { name: 'far', region: 'eu-west-3' }],
    credentials: Object.values(CREDENTIALS),
    now: () => Date.now() + skewMs,
  });
  if (fault !== undefined) server.faults.add({ fault });
  const env = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken ?? '',
  };
  store = await openDriver(driver, { host: server.host, env }, `${bucket}/`);
  return new ObjectClient(store);
}

describe.each(DRIVERS)('with the server of our own, the driver %s', (driver) => {
  describe.each(ERRORS)('when $when', (wrong) => {
    const { error, ofStat = error, operations = OPERATIONS } = wrong;

    it.each(operations)('says so of a %s', async (operation) => {
      const client = await clientOf(driver, wrong);
      const found = await failure(FAILING[operation](client));
      expect(`${found.class} ${found.code}`).toBe(operation === 'STAT' ? ofStat : error);
      const attempts = driver === 'fast' ? (wrong.requests ?? 1) : 1;
      expect(server?.stats().requests.total).toBe(attempts);
    });
  });
});

describe.each(SERVERS.filter((name) => name !== 's3-test-server'))('with %s', (name) => {
  const installed = isInstalled(name);
  let other: ConformanceServer;

  beforeAll(async () => {
    if (installed) other = await startConformanceServer(name);
  });
  afterAll(async () => {
    if (installed) await other.stop();
  });

  describe.each(DRIVERS)('the driver %s', (driver) => {
    for (const { credentials, everywhere, ...wrong } of ERRORS) {
      if (everywhere === undefined) continue;
      const { bucket = 'bucket', error, ofStat = error, operations = OPERATIONS } = wrong;
      const skipped = whySkipped(name, everywhere.except);
      const test = skipped === undefined ? it : it.skip;
      const title = skipped === undefined ? wrong.when : `${wrong.when} (${skipped})`;
      test.each(operations)(`says of a %s that ${title}`, async (operation) => {
        const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = other.env;
        const secret = credentials?.secretAccessKey ?? AWS_SECRET_ACCESS_KEY;
        const id =
          wrong.when === 'the secret is wrong' ? AWS_ACCESS_KEY_ID : credentials?.accessKeyId;
        const env = {
          AWS_ACCESS_KEY_ID: id ?? AWS_ACCESS_KEY_ID,
          AWS_SECRET_ACCESS_KEY: secret,
        };
        store = await openDriver(driver, { host: other.host, env }, `${bucket}/`);
        const found = await failure(FAILING[operation](new ObjectClient(store)));
        expect(`${found.class} ${found.code}`).toBe(operation === 'STAT' ? ofStat : error);
      });
    }
  });
});
