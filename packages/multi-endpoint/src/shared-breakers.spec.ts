import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_BREAKER } from './circuit-breaker.ts';
import { allocateEndpointBoard, endpointBoard } from './endpoint-board.ts';
import type { RequestResult } from './request-result.ts';
import { SharedBreakers } from './shared-breakers.ts';

function makeBreakers(count: number, failures = DEFAULT_BREAKER.failures) {
  const clock = { nowNs: 0 };
  const board = endpointBoard(allocateEndpointBoard(count));
  const make = (): SharedBreakers =>
    new SharedBreakers(board, { ...DEFAULT_BREAKER, failures }, () => clock.nowNs);
  return { board, clock, make };
}

const results: readonly RequestResult[] = ['succeeded', 'refused', 'failed', 'withdrawn'];

describe('SharedBreakers', () => {
  it('keep at least one endpoint in, whatever happens', () => {
    const event = fc.tuple(
      fc.nat(7),
      fc.constantFrom(...results, 'failed' as const, 'failed' as const),
      fc.nat(2000),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(event), (count, events) => {
        const { board, clock, make } = makeBreakers(count, 2);
        const workers = [make(), make()];
        for (const [index, [some, result, passedMs]] of events.entries()) {
          clock.nowNs += passedMs * 1e6;
          const breakers = workers[index % 2];
          breakers?.note(breakers.probe() ?? some % count, result);
          const closed = board.state.filter((state) => state === 0).length;
          expect(closed).toBeGreaterThan(0);
          expect(board.outCount[0]).toBe(count - closed);
        }
      }),
    );
  });

  it('count failures in a row over all workers', () => {
    const { make } = makeBreakers(2);
    const [one, other] = [make(), make()];
    for (let n = 0; n < 4; n++) (n % 2 === 0 ? one : other).note(0, 'failed');
    expect(one.isIn(0)).toBe(true);
    other.note(0, 'refused');
    for (let n = 0; n < 4; n++) one.note(0, 'failed');
    expect(one.isIn(0)).toBe(true);
    other.note(0, 'failed');
    expect(one.isIn(0)).toBe(false);
  });

  it('take nothing out when they are off', () => {
    const { make } = makeBreakers(2, 0);
    const breakers = make();
    for (let n = 0; n < 1000; n++) breakers.note(0, 'failed');
    expect(breakers.allIn).toBe(true);
  });

  it('tell how long an endpoint was out, up to an instant', () => {
    const { clock, make } = makeBreakers(2);
    const breakers = make();
    for (let n = 0; n < 5; n++) breakers.note(0, 'failed');
    expect(breakers.outNs(0, 3e9)).toBe(3e9);
    clock.nowNs = 4e9;
    expect(breakers.probe()).toBe(0);
    expect(breakers.probe()).toBeUndefined();
    breakers.note(0, 'succeeded');
    expect([breakers.outNs(0, 9e9), breakers.outNs(1, 9e9)]).toEqual([4e9, 0]);
  });
});
