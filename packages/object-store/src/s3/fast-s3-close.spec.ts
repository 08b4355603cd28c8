import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { failure, S3Fixture } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';

const s3 = new S3Fixture();

afterEach(() => s3.close());

describe('FastS3Store.close()', () => {
  it('ends a warm-up that waits for connections', async () => {
    await s3.serve(() => undefined);
    // Nobody answers the handshake.
    const store = await openStore(`s3+https://127.0.0.1:${String(s3.server.port)}/bucket/`, {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 4,
      fileMode: 'sync',
      env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
    });
    const warm = failure(store.warmUp?.(3) ?? Promise.resolve());
    while (s3.server.connections < 3) await turn();
    store.close();
    expect(await warm).toMatchObject({ class: 'cancelled', code: 'CANCELLED' });
  });

  it('is final, also while credentials are being found', async () => {
    await s3.serve(() => answer(200, 'x'));
    const store = await s3.open();
    const client = new ObjectClient(store);
    const early = failure(client.get('early'));
    store.close();
    expect(await early).toMatchObject({ class: 'cancelled' });
    for (let turns = 0; turns < 100; turns++) await turn();
    expect(await failure(client.get('late'))).toMatchObject({ class: 'cancelled' });
    expect(s3.server.connections).toBe(0);
  });
});
