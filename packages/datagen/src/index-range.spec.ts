import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { partition, partOf } from './index-range.ts';

const counts = fc.maxSafeNat();
const owners = fc.integer({ min: 1, max: 1000 });

describe('partition()', () => {
  it('deals every item to exactly one owner, in shares that differ by at most one', () => {
    fc.assert(
      fc.property(counts, owners, (count, parts) => {
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

describe('partOf()', () => {
  it('finds the owner whose share an item is in', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeNat(), owners, (number, count, parts) => {
        fc.pre(count > 0);
        const index = Math.abs(number) % count;
        const { begin, end } = partition(count, partOf(count, index, parts), parts);
        expect(index >= begin && index < end).toBe(true);
      }),
    );
  });
});
