import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { partition } from './index-range.ts';

describe('partition()', () => {
  it('deals every item to exactly one owner, in shares that differ by at most one', () => {
    fc.assert(
      fc.property(fc.nat(1e12), fc.integer({ min: 1, max: 1000 }), (count, parts) => {
        const ranges = Array.from({ length: parts }, (_, part) => partition(count, part, parts));
        expect(ranges[0]?.begin).toBe(0);
        expect(ranges.at(-1)?.end).toBe(count);
        const sizes = ranges.map(({ begin, end }) => end - begin);
        for (const [part, range] of ranges.slice(1).entries()) {
          expect(range.begin).toBe(ranges[part]?.end);
        }
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
