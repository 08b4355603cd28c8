import { describe, expect, it } from '@jest/globals';
import { failurePauseMs, retryPauseMs, retryPausesOf } from './pause.ts';

describe('retryPauseMs()', () => {
  it('doubles from 100 ms up to 5 s', () => {
    const pauses = [1, 2, 3, 6, 7, 50].map((failures) => retryPauseMs(failures, 0.5));
    expect(pauses).toEqual([100, 200, 400, 3200, 5000, 5000]);
  });

  it('grows, ends and varies as a workload says', () => {
    const retry = {
      maxRetries: 9,
      initialDelayMs: 10,
      maxDelayMs: 500,
      multiplier: 3,
      jitter: 0.5,
    };
    const pauses = retryPausesOf(retry);
    expect([1, 2, 3, 4, 5, 1e6].map((failures) => retryPauseMs(failures, 0.5, pauses))).toEqual([
      10, 30, 90, 270, 500, 500,
    ]);
    expect(retryPauseMs(1, 0, pauses)).toBe(5);
    expect(retryPauseMs(1, 0.999_999, pauses)).toBeCloseTo(15, 2);
  });

  it('is none where a workload says so', () => {
    const retry = { maxRetries: 9, initialDelayMs: 0, maxDelayMs: 500, multiplier: 9, jitter: 0 };
    expect(retryPauseMs(1e6, 0.5, retryPausesOf(retry))).toBe(0);
  });

  it('varies by a quarter to both sides', () => {
    expect(retryPauseMs(1, 0)).toBe(75);
    expect(retryPauseMs(1, 0.999_999)).toBeCloseTo(125, 2);
  });
});

describe('failurePauseMs()', () => {
  it('takes a few failures in a row before it slows down, up to a second', () => {
    expect([1, 3, 4, 5, 6, 100].map(failurePauseMs)).toEqual([0, 0, 10, 20, 40, 1000]);
  });
});
