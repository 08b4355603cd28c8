import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BenchError } from '@sai3bench/errors';
import { StoreRequest } from '../store-request.ts';
import { S3Fixture, xml } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';
import type { FastS3Store } from './fast-s3-store.ts';

/** Longer than any back-off. */
const LONG_MS = 60_000;

const s3 = new S3Fixture();
let outcomes: (BenchError | undefined)[];

// The time of the store stands still unless it is moved.
beforeEach(() => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout'],
  });
  outcomes = [];
});

afterEach(() => {
  s3.close();
  jest.useRealTimers();
});

function start(store: FastS3Store, key: string): void {
  const request = new StoreRequest(({ error }) => outcomes.push(error));
  request.key = key;
  store.submit(request);
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 200; turns++) await turn();
}

describe('FastS3Store.cancelAll()', () => {
  it('forgets what waits to be tried again: it is neither sent nor completed once more', async () => {
    await s3.serve(() => answer(503, xml('SlowDown')));
    const store = await s3.open({ maxRetries: 9 });
    for (const key of ['a', 'b', 'c']) start(store, key);
    await settle();
    expect(s3.server.requests.length).toBe(3);
    store.cancelAll();
    expect(outcomes.map((error) => error?.class)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    jest.advanceTimersByTime(LONG_MS);
    await settle();
    expect([s3.server.requests.length, outcomes.length]).toEqual([3, 3]);
  });

  it('leaves nothing behind that touches the operations that follow', async () => {
    await s3.serve(({ head }) =>
      head.startsWith('GET /bucket/p/fine ') ? answer(200, 'x') : answer(503, xml('SlowDown')),
    );
    const store = await s3.open({ maxRetries: 9 });
    start(store, 'busy');
    await settle();
    store.cancelAll();
    start(store, 'fine');
    await settle();
    jest.advanceTimersByTime(LONG_MS);
    await settle();
    expect(outcomes.map((error) => error?.class)).toEqual(['cancelled', undefined]);
    expect(s3.server.requests.length).toBe(2);
  });
});
