import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ObjectStore } from '../object-store.ts';
import {
  type ConformanceServer,
  isInstalled,
  SERVERS,
  startConformanceServer,
  whySkipped,
} from '../testing/conformance-server.ts';
import { openDriver } from '../testing/driver.ts';
import { BODIES, PAYLOAD_MODES } from '../testing/payload-table.ts';

describe.each(SERVERS)('with %s', (name) => {
  describe.each(['http', 'https'])('over %s', (scheme) => {
    const installed = isInstalled(name);
    let server: ConformanceServer;
    let store: ObjectStore | undefined;

    beforeAll(async () => {
      if (installed) server = await startConformanceServer(name, { secure: scheme === 'https' });
    });
    afterEach(() => store?.close());
    afterAll(async () => {
      if (installed) await server.stop();
    });

    for (const { driver, except, payload } of PAYLOAD_MODES) {
      describe(`the driver ${driver}${payload === undefined ? '' : `, bodies ${payload}`}`, () => {
        for (const body of BODIES.filter(({ drivers }) => drivers.includes(driver))) {
          const skipped = whySkipped(name, { ...except, ...body.except });
          const test = skipped === undefined ? it : it.skip;
          test(skipped === undefined ? body.does : `${body.does} (${skipped})`, async () => {
            store = await openDriver(
              driver,
              server,
              'bucket/',
              payload === undefined ? {} : { payload },
            );
            expect(await body.run(store, server)).toEqual(body.answer);
          });
        }
      });
    }
  });
});
