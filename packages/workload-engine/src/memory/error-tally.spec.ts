import { describe, expect, it } from '@jest/globals';
import { allocateErrorTally, ErrorTally } from './error-tally.ts';

const SECOND_NS = 1e9;

describe('the tally of errors', () => {
  it('counts failures of all threads together', () => {
    const memory = allocateErrorTally();
    const [one, other] = [new ErrorTally(memory, 1_000), new ErrorTally(memory, 1_000)];
    expect(one.failed(0)).toEqual({ total: 1, inRow: 1, inWindow: 1 });
    expect(other.failed(0)).toEqual({ total: 2, inRow: 2, inWindow: 2 });
    expect(one.total).toBe(2);
  });

  it('begins a new row after a success of any thread, and remembers the longest', () => {
    const memory = allocateErrorTally();
    const [one, other] = [new ErrorTally(memory, 1_000), new ErrorTally(memory, 1_000)];
    for (let failure = 0; failure < 3; failure++) one.failed(0);
    other.succeeded();
    expect(one.failed(0)).toMatchObject({ total: 4, inRow: 1 });
    expect(one.mostInRow).toBe(3);
  });

  it('counts what is put off in the row and for the rate, but not among all failures', () => {
    const tally = new ErrorTally(allocateErrorTally(), 1_000);
    tally.failed(0);
    expect(tally.putOff(0)).toEqual({ total: 1, inRow: 2, inWindow: 2 });
    expect(tally.mostInRow).toBe(2);
  });

  it('counts those of the latest window for their rate', () => {
    const tally = new ErrorTally(allocateErrorTally(), 2_000);
    for (let failure = 0; failure < 10; failure++) tally.failed(10 * SECOND_NS);
    expect(tally.failed(11 * SECOND_NS).inWindow).toBe(11);
    expect(tally.failed(11.8 * SECOND_NS).inWindow).toBe(12);
    // The ten at the beginning are out, the one a second later is not.
    expect(tally.failed(12.5 * SECOND_NS).inWindow).toBe(3);
    expect(tally.failed(100 * SECOND_NS).inWindow).toBe(1);
  });

  it('does not lose count in windows of any length', () => {
    for (const windowMs of [1, 1_000, 86_400_000]) {
      const tally = new ErrorTally(allocateErrorTally(), windowMs);
      const nowNs = 3e15;
      for (let failure = 0; failure < 100; failure++) tally.failed(nowNs);
      expect(tally.failed(nowNs)).toEqual({ total: 101, inRow: 101, inWindow: 101 });
    }
  });

  it('adds up pauses, to a microsecond', () => {
    const memory = allocateErrorTally();
    new ErrorTally(memory, 1_000).paused(5_000);
    new ErrorTally(memory, 1_000).paused(0.25);
    const tally = new ErrorTally(memory, 1_000);
    expect([tally.pauses, tally.pausedMs]).toEqual([2, 5_000.25]);
  });
});
