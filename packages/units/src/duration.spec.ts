import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDurationMs } from './duration.ts';

describe('parseDurationMs()', () => {
  it.each([
    [300, 300_000],
    ['300', 300_000],
    ['0', 0],
    ['2.5', 2500],
    ['60s', 60_000],
    ['5m', 300_000],
    ['1h 30m', 5_400_000],
    ['1h30m', 5_400_000],
    ['100ms', 100],
    ['2days', 172_800_000],
    ['250us', 0.25],
    ['10 s', 10_000],
  ])('reads %j as %d ms', (text, durationMs) => {
    expect(parseDurationMs(text)).toBeCloseTo(durationMs, 9);
  });

  it.each([['-5s'], [-1], ['5 parsecs'], [''], ['s'], ['1h 30'], [Infinity], ['5m-3s']])(
    'refuses %j',
    (text) => {
      expect(() => parseDurationMs(text)).toThrow(
        expect.objectContaining({ code: 'UNIT_DURATION' }),
      );
    },
  );

  it('adds up any list of terms', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(59), fc.nat(59), (hours, minutes, seconds) => {
        const text = `${String(hours)}h ${String(minutes)}m ${String(seconds)}s`;
        expect(parseDurationMs(text)).toBe(((hours * 60 + minutes) * 60 + seconds) * 1000);
      }),
    );
  });
});
