import { describe, expect, it } from '@jest/globals';
import { allocateErrorTally } from '../memory/error-tally.ts';
import { planOf } from '../testing/run-plan.ts';
import { type ErrorLimits, errorLimitsOf } from './error-limits.ts';

/** The limits of a workload, for one thread more each time it is called. */
function limitsOf(handling: string): () => ErrorLimits {
  const errors = allocateErrorTally();
  const plan = planOf(
    `target: "null:"\nworkload: [{op: list, path: x/, weight: 1}]\nerror_handling: ${handling}`,
  );
  return () => {
    const limits = errorLimitsOf(plan, 'execute', { errors });
    if (limits === undefined) throw new RangeError('the plan has no limits');
    return limits;
  };
}

describe('limits of errors', () => {
  it('are those of stages that prepare or measure, and none where the workload has none', () => {
    const errors = allocateErrorTally();
    const plan = planOf(
      'target: "null:"\nworkload: [{op: list, path: x/, weight: 1}]\nerror_handling: {}',
    );
    expect(errorLimitsOf(plan, 'prepare', { errors })).toBeDefined();
    expect(errorLimitsOf(plan, 'execute', { errors })).toBeDefined();
    for (const kind of ['validation', 'cleanup', 'verify'] as const) {
      expect(errorLimitsOf(plan, kind, { errors })).toBeUndefined();
    }
    expect(errorLimitsOf({}, 'execute', { errors })).toBeUndefined();
  });

  it('are exceeded for all threads when as much has failed as max_total_errors says', () => {
    const thread = limitsOf('{max_total_errors: 3}');
    const [one, other] = [thread(), thread()];
    one.failed(0);
    one.succeeded();
    other.failed(0);
    expect(other.isExceeded).toBe(false);
    one.failed(0);
    expect(other.isExceeded).toBe(true);
    expect(other.counts).toMatchObject({ total: 3, maxTotal: 3 });
  });

  it('take max_total_errors: 0 for the first failure', () => {
    const limits = limitsOf('{max_total_errors: 0}')();
    expect(limits.isExceeded).toBe(false);
    limits.failed(0);
    expect(limits.isExceeded).toBe(true);
  });

  it('are exceeded when so many fail in a row as max_consecutive_errors says', () => {
    const limits = limitsOf('{max_consecutive_errors: 3}')();
    for (const fails of [true, true, false, true, true]) {
      if (fails) limits.failed(0);
      else limits.succeeded();
    }
    expect(limits.isExceeded).toBe(false);
    limits.failed(0);
    expect(limits.isExceeded).toBe(true);
    expect(limits.counts).toMatchObject({ mostInRow: 3, maxInRow: 3 });
  });

  it('have no pause up to error_rate_threshold, and backoff_duration above it', () => {
    const limits = limitsOf(
      '{error_rate_threshold: 2.5, error_rate_window: 2, backoff_duration: 7s}',
    )();
    const pauses = Array.from({ length: 7 }, () => limits.failed(0));
    expect(pauses).toEqual([0, 0, 0, 0, 0, 7_000, 7_000]);
    // Two seconds later those are out of the window.
    expect(limits.failed(2.2e9)).toBe(0);
  });

  it('tell of pauses, once there were any', () => {
    const limits = limitsOf('{}')();
    expect(limits.slowdown).toBeUndefined();
    limits.paused(5_000);
    limits.paused(5_000);
    expect(limits.slowdown).toContain('2 failures were followed by a pause, 10s of all threads');
  });
});
