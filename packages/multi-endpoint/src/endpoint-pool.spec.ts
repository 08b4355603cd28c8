import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_BREAKER } from './circuit-breaker.ts';
import { allocateEndpointBoard, endpointBoard } from './endpoint-board.ts';
import { allocateEndpointCounters, EndpointCounters } from './endpoint-counters.ts';
import { EndpointPool, type EndpointPoolOptions } from './endpoint-pool.ts';
import { SELECTION_STRATEGIES, type SelectionStrategy } from './selection-policy.ts';

const SECOND_NS = 1e9;

/** A pool whose clock stands still until a test moves it. */
function makePool(
  count: number,
  strategy: SelectionStrategy,
  more: Partial<EndpointPoolOptions> = {},
) {
  const clock = { nowNs: 0 };
  const counters = new EndpointCounters(allocateEndpointCounters(count));
  const board = more.board ?? allocateEndpointBoard(count);
  const endpoints = Array.from({ length: count }, (_, n) => `http://node${String(n)}`);
  const pool = new EndpointPool(endpoints, {
    strategy,
    breaker: DEFAULT_BREAKER,
    startAt: 0,
    board,
    counters,
    nowNs: () => clock.nowNs,
    random: generator(1),
    ...more,
  });
  return { pool, counters, clock, board: endpointBoard(board) };
}

/** Numbers in [0, 1) that are the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How often each endpoint is chosen, when each request ends before the next begins. */
function shares(pool: EndpointPool<string>, requests: number): number[] {
  const used = new Array<number>(pool.length).fill(0);
  for (let n = 0; n < requests; n++) {
    const endpoint = pool.acquire();
    used[endpoint] = (used[endpoint] ?? 0) + 1;
    pool.release(endpoint, 'succeeded', 1000, 0, 0);
  }
  return used;
}

/** Lets requests fail at an endpoint until it is out. */
function takeOut(pool: EndpointPool<string>, endpoint: number): void {
  for (let n = 0; n < DEFAULT_BREAKER.failures; n++) {
    pool.acquire(endpoint);
    pool.release(endpoint, 'failed', 0, 0, 0);
  }
}

const countAndStart = [fc.integer({ min: 1, max: 64 }), fc.nat(64)] as const;

describe('EndpointPool', () => {
  it('goes round in turn, starting where it is told', () => {
    const { pool } = makePool(3, 'round_robin', { startAt: 2 });
    expect(Array.from({ length: 7 }, () => pool.acquire())).toEqual([2, 0, 1, 2, 0, 1, 2]);
  });

  it.each(SELECTION_STRATEGIES)('leaves out with %s where a request has failed', (strategy) => {
    const { pool } = makePool(4, strategy);
    takeOut(pool, 2);
    for (let n = 0; n < 50; n++) expect([0, 3]).toContain(pool.acquire(undefined, new Set([1])));
    // Of those that are left, none is in.
    expect(pool.acquire(undefined, new Set([0, 1, 3]))).toBe(2);
    expect([0, 1, 3]).toContain(pool.acquire(undefined, new Set([0, 1, 2, 3])));
  });

  it('prefers the endpoint with the fewest requests under way', () => {
    const { pool } = makePool(3, 'least_connections');
    expect([pool.acquire(), pool.acquire(), pool.acquire()]).toEqual([0, 1, 2]);
    pool.release(1, 'succeeded', 0, 0, 0);
    expect(pool.acquire()).toBe(1);
  });

  it('sees the requests of other workers when they share the board', () => {
    const board = allocateEndpointBoard(2);
    makePool(2, 'least_connections', { board }).pool.acquire();
    expect(makePool(2, 'least_connections', { board }).pool.acquire()).toBe(1);
  });

  it.each(['round_robin', 'least_connections', 'weighted'] as const)(
    'spreads exactly evenly with %s when requests take equally long',
    (strategy) => {
      fc.assert(
        fc.property(...countAndStart, (count, startAt) => {
          const { pool } = makePool(count, strategy, { startAt });
          expect(shares(pool, count * 5)).toEqual(new Array<number>(count).fill(5));
        }),
      );
    },
  );

  it('spreads about evenly with latency_aware when requests take equally long', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(), (count, seed) => {
        const { pool } = makePool(count, 'latency_aware', { random: generator(seed) });
        for (const used of shares(pool, count * 1000)) {
          expect(Math.abs(used / 1000 - 1)).toBeLessThan(0.25);
        }
      }),
    );
  });

  it('spreads by weight, within 1 % at any time and exactly after each round', () => {
    const weight = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 2, maxLength: 20 }),
        fc.nat(20),
        (weights, startAt) => {
          const { pool } = makePool(weights.length, 'weighted', { weights, startAt });
          const total = weights.reduce((sum, each) => sum + each, 0);
          expect(shares(pool, total)).toEqual(weights);
          for (const [endpoint, used] of shares(pool, 10_007).entries()) {
            expect(Math.abs(used / 10_007 - (weights[endpoint] ?? 0) / total)).toBeLessThan(0.01);
          }
        },
      ),
    );
  });

  it('never lets the loads of least_connections differ by more than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(200), (count, requests) => {
        const { board, pool } = makePool(count, 'least_connections');
        for (let n = 0; n < requests; n++) pool.acquire();
        expect(Math.max(...board.inFlight) - Math.min(...board.inFlight)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('sends more where requests are faster, with latency_aware', () => {
    const { pool } = makePool(2, 'latency_aware');
    const used = [0, 0];
    for (let n = 0; n < 1000; n++) {
      const endpoint = pool.acquire();
      used[endpoint] = (used[endpoint] ?? 0) + 1;
      pool.release(endpoint, 'succeeded', endpoint === 0 ? 1e6 : 9e6, 0, 0);
    }
    expect(used[0]).toBeGreaterThan(900);
  });

  it('does not send everything to an endpoint that fails fast or never answers', () => {
    const { pool } = makePool(3, 'latency_aware', { breaker: { ...DEFAULT_BREAKER, failures: 0 } });
    const used = [0, 0, 0];
    for (let n = 0; n < 900; n++) {
      const endpoint = pool.acquire();
      used[endpoint] = (used[endpoint] ?? 0) + 1;
      if (endpoint === 1) pool.release(1, 'failed', 1000, 0, 0);
      if (endpoint === 2) pool.release(2, 'succeeded', 1e6, 0, 0);
    }
    expect(used[2]).toBeGreaterThan(500);
  });

  it('tries a slow endpoint again when it has been idle', () => {
    const { clock, pool } = makePool(2, 'latency_aware');
    pool.acquire(0);
    pool.release(0, 'succeeded', 1e6, 0, 0);
    pool.acquire(1);
    pool.release(1, 'succeeded', 50e6, 0, 0);
    expect(pool.latencyNs(1)).toBe(50e6);
    pool.acquire(0);
    clock.nowNs = 99 * SECOND_NS;
    expect(pool.latencyNs(1)).toBe(0.5e6);
    expect(pool.latencyNs(0)).toBe(1e6);
  });

  it('counts requests, errors, bytes and latencies of each endpoint, altogether and since an instant', () => {
    const { counters, pool } = makePool(2, 'round_robin');
    pool.release(pool.acquire(), 'succeeded', 5, 100, 0);
    pool.release(pool.acquire(), 'refused', 6, 0, 7);
    const before = EndpointCounters.sumOf([counters, counters], 2);
    pool.release(pool.acquire(), 'succeeded', 7, 50, 0);
    expect(counters.totals()).toEqual([
      { requests: 2, errors: 0, bytesRead: 150, bytesWritten: 0, latencySumNs: 12 },
      { requests: 1, errors: 1, bytesRead: 0, bytesWritten: 7, latencySumNs: 0 },
    ]);
    expect(EndpointCounters.sumOf([counters, counters], 2).since(before)).toEqual([
      { requests: 2, errors: 0, bytesRead: 100, bytesWritten: 0, latencySumNs: 14 },
      { requests: 0, errors: 0, bytesRead: 0, bytesWritten: 0, latencySumNs: 0 },
    ]);
  });

  it('knows what is under way at each endpoint, whatever the strategy', () => {
    const { counters, pool } = makePool(2, 'round_robin');
    const endpoint = pool.acquire();
    expect([counters.inFlightOf(0), counters.inFlightOf(1)]).toContain(1);
    pool.release(endpoint, 'refused', 0, 0, 0);
    expect([counters.inFlightOf(0), counters.inFlightOf(1)]).toEqual([0, 0]);
  });

  it.each([
    ['least_connections', 3, 1],
    ['latency_aware', 3, 1],
    ['least_connections', 1, 0],
    ['round_robin', 3, 0],
    ['weighted', 3, 0],
  ] as const)(
    'shares what is under way only where it decides: %s, %d endpoints',
    (strategy, count, shared) => {
      const { board, pool } = makePool(count, strategy);
      const endpoint = pool.acquire();
      expect(board.inFlight[endpoint]).toBe(shared);
      pool.release(endpoint, 'succeeded', 0, 0, 0);
      expect(board.inFlight[endpoint]).toBe(0);
    },
  );

  it.each(SELECTION_STRATEGIES)('uses all of 1024 endpoints with %s', (strategy) => {
    expect(Math.min(...shares(makePool(1024, strategy).pool, 1024 * 20))).toBeGreaterThan(0);
  });

  it.each(SELECTION_STRATEGIES)('sends nothing to an endpoint that is out, with %s', (strategy) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (count, some) => {
        const { pool } = makePool(count, strategy);
        const out = some % count;
        takeOut(pool, out);
        const used = shares(pool, count * 50);
        expect(used[out]).toBe(0);
        if (strategy !== 'latency_aware') {
          const others = used.filter((_, endpoint) => endpoint !== out);
          expect(Math.max(...others) - Math.min(...others)).toBeLessThanOrEqual(count);
        }
      }),
    );
  });

  it('tries an endpoint that is out with one request when its pause is over', () => {
    const { clock, pool } = makePool(3, 'round_robin');
    takeOut(pool, 0);
    clock.nowNs = 0.9 * SECOND_NS;
    expect([pool.acquire(), pool.acquire()]).toEqual([1, 2]);
    clock.nowNs = SECOND_NS;
    expect([pool.acquire(), pool.acquire(), pool.acquire()]).toEqual([0, 1, 2]);
    pool.release(0, 'succeeded', 0, 0, 0);
    expect([pool.acquire(), pool.acquire(), pool.acquire()]).toEqual([0, 1, 2]);
  });
});
