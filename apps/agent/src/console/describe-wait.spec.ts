import { describe, expect, it } from '@jest/globals';
import { describeWait } from './describe-wait.ts';

describe('what an agent says at a barrier', () => {
  it('names those that it waits for, and how long it has', () => {
    expect(
      describeWait({ count: 2, waitedMs: 20_000, waitsFor: ['a (at work)', 'b (away)'] }),
    ).toBe('At the barrier for 20s, waiting for a (at work), b (away)');
  });

  it('only counts the rest of many', () => {
    expect(describeWait({ count: 998, waitedMs: 90_000, waitsFor: ['a', 'b'] })).toBe(
      'At the barrier for 1m 30s, waiting for a, b and 996 more',
    );
  });
});
