import { describe, expect, it } from '@jest/globals';
import { OperationCounters } from './operation-counters.ts';

const COUNTS = {
  ...{ connectNs: 1, retryNs: 2, generateNs: 3, generateApartNs: 4 },
  ...{ errors: 5, cancelled: 6, retries: 7 },
};

describe('OperationCounters', () => {
  it('adds up counts, times and latencies', () => {
    const counters = new OperationCounters();
    counters.addCounts(COUNTS);
    counters.firstByte.record(1_000);
    const sum = new OperationCounters();
    sum.add(counters);
    sum.add(counters);
    expect(sum).toMatchObject({ errors: 10, cancelled: 12, retries: 14 });
    expect(sum.times).toEqual({ connectNs: 2, retryNs: 4, generateNs: 6, generateApartNs: 8 });
    expect([sum.firstByte.count, sum.response.count]).toEqual([2, 0]);
  });

  it('forgets everything at a reset', () => {
    const counters = new OperationCounters();
    counters.addCounts(COUNTS);
    counters.response.record(1_000);
    counters.reset();
    expect(counters).toEqual(new OperationCounters());
    expect(counters.response.count).toBe(0);
  });
});
