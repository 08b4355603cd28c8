import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PoolSpan } from './pool-span.ts';

const pool = (begin: number, ownCount: number) => ({ ownCount, plan: { own: { begin } } });

const order = fc.constantFrom('sequential' as const, 'parallel' as const);

describe('PoolSpan', () => {
  it('has every own object of every pool exactly once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(20))), order, (ranges, inOrder) => {
        const span = new PoolSpan(
          ranges.map(([begin, count]) => pool(begin, count)),
          inOrder,
        );
        const expected = ranges.flatMap(([begin, count], index) =>
          Array.from({ length: count }, (_, n) => ({ pool: index, index: begin + n })),
        );
        const found = Array.from({ length: span.total }, (_, position) => span.at(position));
        const sorted = found.toSorted((a, b) => a.pool - b.pool || a.index - b.index);
        expect(sorted).toEqual(expected);
        if (inOrder === 'sequential') expect(found).toEqual(expected);
      }),
    );
  });

  it('takes turns between pools as long as each has objects', () => {
    const span = new PoolSpan([pool(0, 3), pool(10, 1), pool(20, 2)], 'parallel');
    expect(Array.from({ length: 6 }, (_, position) => span.at(position).index)).toEqual([
      0, 10, 20, 1, 21, 2,
    ]);
  });

  it('has no object beyond the last', () => {
    expect(() => new PoolSpan([pool(0, 2)]).at(2)).toThrow(RangeError);
  });
});
