import { describe, expect, it } from '@jest/globals';
import { failurePauseMs, retryPauseMs } from './pause.ts';

describe('retryPauseMs()', () => {
  it('doubles from 100 ms up to 5 s', () => {
    const pauses = [1, 2, 3, 6, 7, 50].map((failures) => retryPauseMs(failures, 0.5));
    expect(pauses).toEqual([100, 200, 400, 3200, 5000, 5000]);
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
