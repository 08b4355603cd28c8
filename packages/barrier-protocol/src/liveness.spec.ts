import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeLiveness, type LivenessFacts } from './liveness.ts';

const rule = { heartbeatIntervalMs: 100, missedThreshold: 3, queryTimeoutMs: 50, queryRetries: 2 };
const heard: LivenessFacts = { heardAtMs: 1000, queries: 0, queriedAtMs: 0 };

/** Lets time pass without an answer, asking whenever the rule says so; returns when the agent counts as dead. */
function deathOf(facts: LivenessFacts): { diedAtMs: number; queries: number } {
  let { queries, queriedAtMs } = facts;
  for (let nowMs = facts.heardAtMs; ; nowMs += 10) {
    const verdict = judgeLiveness(rule, { ...facts, queries, queriedAtMs }, nowMs);
    if (verdict === 'dead') return { diedAtMs: nowMs, queries };
    if (verdict === 'query') {
      queries++;
      queriedAtMs = nowMs;
    }
  }
}

describe('judgeLiveness()', () => {
  it('takes an agent for alive while no more heartbeats are missing than allowed', () => {
    expect(judgeLiveness(rule, heard, 1300)).toBe('alive');
    expect(judgeLiveness(rule, heard, 1301)).toBe('query');
  });

  it('asks, waits for the answer, asks again as often as configured, and only then gives up', () => {
    expect(deathOf(heard)).toEqual({ diedAtMs: 1310 + 3 * 50, queries: 3 });
  });

  it('takes an agent for alive again as soon as anything is heard, whatever happened before', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10_000), fc.nat(300), (queries, queriedAtMs, silentMs) => {
        const facts = { heardAtMs: 20_000, queries, queriedAtMs };
        expect(judgeLiveness(rule, facts, 20_000 + silentMs)).toBe('alive');
      }),
    );
  });
});
