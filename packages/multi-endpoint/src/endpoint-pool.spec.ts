import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allocateEndpointCounters,
  allocateInFlight,
  EndpointCounters,
  SharedInFlight,
} from './endpoint-counters.ts';
import { EndpointPool } from './endpoint-pool.ts';
import { SELECTION_STRATEGIES, type SelectionStrategy } from './selection-policy.ts';

function makePool(
  count: number,
  strategy: SelectionStrategy,
  startAt = 0,
  inFlightMemory = allocateInFlight(count),
): { pool: EndpointPool<string>; counters: EndpointCounters; inFlight: SharedInFlight } {
  const inFlight = new SharedInFlight(inFlightMemory);
  const counters = new EndpointCounters(allocateEndpointCounters(count));
  const endpoints = Array.from({ length: count }, (_, n) => `http://node${String(n)}`);
  const pool = new EndpointPool(endpoints, { strategy, startAt, inFlight, counters });
  return { pool, counters, inFlight };
}

describe('EndpointPool', () => {
  it('goes round in turn, starting where it is told', () => {
    const { pool } = makePool(3, 'round_robin', 2);
    expect(Array.from({ length: 7 }, () => pool.acquire())).toEqual([2, 0, 1, 2, 0, 1, 2]);
  });

  it('prefers the endpoint with the fewest requests under way', () => {
    const { pool } = makePool(3, 'least_connections');
    const [first, second, third] = [pool.acquire(), pool.acquire(), pool.acquire()];
    expect([first, second, third]).toEqual([0, 1, 2]);
    pool.release(1, false, 0, 0);
    expect(pool.acquire()).toBe(1);
  });

  it('sees the requests of other workers when they share the in-flight memory', () => {
    const memory = allocateInFlight(2);
    const busy = makePool(2, 'least_connections', 0, memory);
    busy.pool.acquire();
    const other = makePool(2, 'least_connections', 0, memory);
    expect(other.pool.acquire()).toBe(1);
  });

  it.each(SELECTION_STRATEGIES)('spreads evenly with %s when requests take equally long', (s) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(64), (count, startAt) => {
        const { pool } = makePool(count, s, startAt);
        const used = new Array<number>(count).fill(0);
        for (let n = 0; n < count * 5; n++) {
          const endpoint = pool.acquire();
          used[endpoint] = (used[endpoint] ?? 0) + 1;
          pool.release(endpoint, false, 0, 0);
        }
        expect(used).toEqual(new Array<number>(count).fill(5));
      }),
    );
  });

  it('never lets the loads of least_connections differ by more than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(200), (count, requests) => {
        const { pool, inFlight } = makePool(count, 'least_connections');
        for (let n = 0; n < requests; n++) pool.acquire();
        const loads = Array.from({ length: count }, (_, endpoint) => inFlight.at(endpoint));
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('counts requests, errors and bytes of each endpoint', () => {
    const { pool, counters, inFlight } = makePool(2, 'round_robin');
    pool.release(pool.acquire(), false, 100, 0);
    pool.release(pool.acquire(), true, 0, 7);
    pool.release(pool.acquire(), false, 50, 0);
    expect(counters.totals()).toEqual([
      { requests: 2, errors: 0, bytesRead: 150, bytesWritten: 0 },
      { requests: 1, errors: 1, bytesRead: 0, bytesWritten: 7 },
    ]);
    expect([inFlight.at(0), inFlight.at(1)]).toEqual([0, 0]);
  });
});
