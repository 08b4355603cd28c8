import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import {
  type ConformanceServer,
  isInstalled,
  SERVERS,
  startConformanceServer,
  whySkipped,
} from '../testing/conformance-server.ts';
import { OPERATIONS } from '../testing/conformance-table.ts';
import { DRIVERS, openDriver } from '../testing/driver.ts';

describe.each(SERVERS)('with %s', (name) => {
  const installed = isInstalled(name);
  let server: ConformanceServer;
  let store: ObjectStore | undefined;

  beforeAll(async () => {
    if (installed) server = await startConformanceServer(name);
  });
  afterEach(() => store?.close());
  afterAll(async () => {
    if (installed) await server.stop();
  });

  describe.each(DRIVERS)('the driver %s', (driver) => {
    for (const { answer, does, except, run } of OPERATIONS) {
      const skipped = whySkipped(name, except);
      const test = skipped === undefined ? it : it.skip;
      test(skipped === undefined ? does : `${does} (${skipped})`, async () => {
        store = await openDriver(driver, server);
        const { etag } = server;
        expect(await run({ store, client: new ObjectClient(store), etag })).toEqual(answer);
      });
    }
  });
});
