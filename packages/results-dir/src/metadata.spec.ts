import { describe, expect, it } from '@jest/globals';
import { formatRfc3339 } from './metadata.ts';

/** A date in a time zone of our choice. */
function inZone(iso: string, offsetMinutes: number): Date {
  const date = new Date(iso);
  date.getTimezoneOffset = () => -offsetMinutes;
  return date;
}

describe('formatRfc3339()', () => {
  it('shows local time with its offset', () => {
    expect(formatRfc3339(inZone('2025-10-11T15:05:54.794Z', -360))).toBe(
      '2025-10-11T09:05:54.794-06:00',
    );
    expect(formatRfc3339(inZone('2025-10-11T15:05:54.794Z', 330))).toBe(
      '2025-10-11T20:35:54.794+05:30',
    );
    expect(formatRfc3339(inZone('2025-10-11T15:05:54.000Z', 0))).toBe(
      '2025-10-11T15:05:54.000+00:00',
    );
  });
});
