import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { duration, positiveDuration, waitingTime } from './scalars.ts';

function complaintsOf(schema: z.ZodType, value: unknown): string[] {
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.map(({ message }) => message);
}

describe('duration', () => {
  it('may be nothing, and as long as ten years', () => {
    expect(duration.parse(0)).toBe(0);
    expect(duration.parse('30 days')).toBe(30 * 86_400_000);
    expect(duration.parse('3650d')).toBe(3650 * 86_400_000);
  });

  it('is refused where clocks and timers would not survive it', () => {
    expect(complaintsOf(duration, '3651d')).toEqual(['must not be longer than 3650 days']);
    expect(complaintsOf(duration, 1e300)).toEqual(['must not be longer than 3650 days']);
  });

  it('is said once to be none', () => {
    expect(complaintsOf(duration, 'five')).toHaveLength(1);
    expect(complaintsOf(waitingTime, 'five')).toHaveLength(1);
  });
});

describe('positiveDuration', () => {
  it('is more than nothing', () => {
    expect(positiveDuration.parse('1us')).toBeCloseTo(0.001);
    expect(complaintsOf(positiveDuration, 0)).toEqual(['must be more than 0']);
  });
});

describe('waitingTime', () => {
  it('is long enough to be counted in milliseconds, and short enough for a timer', () => {
    expect(waitingTime.parse('1ms')).toBe(1);
    expect(waitingTime.parse('24d')).toBeLessThan(2 ** 31);
    expect(complaintsOf(waitingTime, 0)).toEqual(['must be at least 1ms']);
    expect(complaintsOf(waitingTime, '999us')).toEqual(['must be at least 1ms']);
    expect(complaintsOf(waitingTime, '25d')).toEqual(['must not be longer than 24 days']);
  });
});
