import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { failure, S3Fixture } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';
import { TICK_MS } from './http/timer-wheel.ts';

const s3 = new S3Fixture();

afterEach(() => {
  jest.restoreAllMocks();
  s3.close();
});

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

  it('of the last store stops the timer that all stores of a thread share', async () => {
    const started = jest.spyOn(globalThis, 'setInterval');
    const stopped = jest.spyOn(globalThis, 'clearInterval');
    await s3.serve(() => answer(200, 'x'));
    const stores = [await s3.open(), await s3.open(), await s3.open()];
    for (const store of [...stores, ...stores]) await store.warmUp(1);
    const at = started.mock.calls.map(([, delayMs]) => delayMs);
    expect(at.filter((delayMs) => delayMs === TICK_MS)).toHaveLength(1);
    const timer: unknown = started.mock.results[at.indexOf(TICK_MS)]?.value;
    const timersStopped = (): unknown[] => stopped.mock.calls.map(([stoppedTimer]) => stoppedTimer);
    const [last, ...others] = stores;
    for (const store of others) store.close();
    expect(timersStopped()).not.toContain(timer);
    last?.close();
    expect(timersStopped()).toContain(timer);
  });
});
