import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeSkew, skewLevel, skewMs } from './clock-skew.ts';

const AT_MS = Date.parse('2026-02-03T04:05:06Z');
const instant = fc.integer({ min: 0, max: 4e12 });

describe('skewMs()', () => {
  it('is undefined where a server sends no date, or nonsense', () => {
    expect(skewMs(undefined, AT_MS, AT_MS)).toBeUndefined();
    expect(skewMs('yesterday', AT_MS, AT_MS)).toBeUndefined();
  });

  it('is the true difference, give or take half a second and half of the time that the answer took', () => {
    fc.assert(
      fc.property(
        ...[instant, fc.integer({ min: -1e9, max: 1e9 })],
        ...[fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 5_000 })],
        (sentAtMs, aheadMs, thereMs, backMs) => {
          const serverAtMs = sentAtMs + thereMs - aheadMs;
          const date = new Date(serverAtMs).toUTCString();
          const measured = skewMs(date, sentAtMs, sentAtMs + thereMs + backMs) ?? Number.NaN;
          const bound = 500 + (thereMs + backMs) / 2;
          expect(Math.abs(measured - aheadMs)).toBeLessThanOrEqual(bound);
        },
      ),
    );
  });
});

describe('a difference of clocks', () => {
  it.each([
    [59_999, 'info'],
    [60_000, 'warning'],
    [-60_000, 'warning'],
    [899_999, 'warning'],
    [900_000, 'error'],
    [-900_000, 'error'],
  ])('of %d ms is at level %s', (difference, level) => {
    expect(skewLevel(difference)).toBe(level);
  });

  it('says in which direction, unless it cannot be told from none', () => {
    expect(describeSkew(1_500)).toContain('agrees');
    expect(describeSkew(90_200)).toContain('1m 30s ahead of');
    expect(describeSkew(-90_200)).toContain('1m 30s behind');
  });
});
