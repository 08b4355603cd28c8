import { describe, expect, it } from '@jest/globals';
import { describeRequests } from './describe-requests.ts';

const at = (
  address: string,
  requests: number,
  failures = 0,
): { address: string; requests: number; failures: number } => ({ address, requests, failures });

describe('describeRequests()', () => {
  it('says how many there were, and where they failed most', () => {
    expect(describeRequests([at('a', 1000), at('b', 500)])).toBe(
      'Outside of stages: 1,500 requests to 2 endpoints, none failed',
    );
    expect(describeRequests([at('a', 10, 1), at('b', 5), at('c', 9, 4)])).toBe(
      'Outside of stages: 24 requests to 3 endpoints, failed: 4 at c, 1 at a',
    );
  });

  it('does not name hundreds of endpoints', () => {
    const endpoints = Array.from({ length: 700 }, (_, index) => at(`e${String(index)}`, 1, 1));
    expect(describeRequests(endpoints)).toMatch(/failed: 1 at e0, .* 1 at e4, others at 695 more$/);
  });

  it('is silent where there is no choice, or nothing was asked', () => {
    expect(describeRequests([at('a', 10, 1)])).toBeUndefined();
    expect(describeRequests([at('a', 0), at('b', 0)])).toBeUndefined();
  });
});
