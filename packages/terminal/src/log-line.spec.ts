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

  it('is one line, whatever the text', () => {
    expect(formatLogLine(0, 'warn', 'one\n\u001b[2Ktwo')).toBe(
      String.raw`1970-01-01T00:00:00.000000Z  WARN one \x1b[2Ktwo`,
    );
  });
});
