import { describe, expect, it } from '@jest/globals';
import { formatLogLine } from './log-line.ts';

describe('formatLogLine()', () => {
  it('shows the time in UTC to the microsecond, and the level in five columns', () => {
    expect(formatLogLine(1_771_457_009_517_844, 'info', 'text')).toBe(
      '2026-02-18T23:23:29.517844Z  INFO text',
    );
    expect(formatLogLine(1_771_457_009_000_005, 'error', 'text')).toBe(
      '2026-02-18T23:23:29.000005Z ERROR text',
    );
  });
});
