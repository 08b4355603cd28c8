import { describe, expect, it } from '@jest/globals';
import {
  type Breaker,
  BREAKER_INPUTS,
  BREAKER_STATES,
  DEFAULT_BREAKER,
  stepBreaker,
} from './circuit-breaker.ts';

const NEW: Breaker = {
  state: 'closed',
  failuresInRow: 0,
  pauses: 0,
  probeAtNs: 0,
  outSinceNs: 0,
  outBeforeNs: 0,
};

const step = (breaker: Breaker, input: (typeof BREAKER_INPUTS)[number], nowMs: number): Breaker =>
  stepBreaker(breaker, input, nowMs * 1e6, DEFAULT_BREAKER);

describe('stepBreaker()', () => {
  it('has a row for every input in every state', () => {
    const rows = BREAKER_STATES.flatMap((state) =>
      BREAKER_INPUTS.map((input) => {
        const after = step({ ...NEW, state, pauses: 1 }, input, 0);
        return `${state} ${input} ${after.state}`;
      }),
    );
    expect(rows).toEqual([
      'closed success closed',
      'closed failure closed',
      'closed limit open',
      'closed probe closed',
      'closed withdrawal closed',
      'open success open',
      'open failure open',
      'open limit open',
      'open probe half_open',
      'open withdrawal open',
      'half_open success closed',
      'half_open failure open',
      'half_open limit open',
      'half_open probe half_open',
      'half_open withdrawal open',
    ]);
  });

  it('doubles the pause with every probe that fails, up to the longest', () => {
    let breaker = step(NEW, 'limit', 0);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe++) {
      const dueMs = breaker.probeAtNs / 1e6;
      pauses.push(dueMs - pauses.reduce((sum, each) => sum + each, 0));
      breaker = step(step(breaker, 'probe', dueMs), 'failure', dueMs);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('adds up how long it was out', () => {
    let breaker = step(NEW, 'limit', 100);
    breaker = step(step(breaker, 'probe', 1100), 'success', 1200);
    expect(breaker).toMatchObject({ state: 'closed', pauses: 0, outBeforeNs: 1100e6 });
    breaker = step(step(step(breaker, 'limit', 2000), 'probe', 3000), 'success', 3500);
    expect(breaker.outBeforeNs).toBe(2600e6);
  });

  it('lets the next request try at once when a probe was withdrawn', () => {
    const breaker = step(step(step(NEW, 'limit', 0), 'probe', 1000), 'withdrawal', 1500);
    expect(breaker).toMatchObject({ state: 'open', probeAtNs: 1500e6, pauses: 1 });
  });
});
