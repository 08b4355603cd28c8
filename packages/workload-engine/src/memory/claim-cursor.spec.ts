import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClaimCursor } from './claim-cursor.ts';

describe('ClaimCursor', () => {
  it('deals every number exactly once, whoever asks in whatever order', () => {
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.nat(7)),
        (total, claimants, order) => {
          const words = new Int32Array(new SharedArrayBuffer(8));
          const cursors = Array.from(
            { length: claimants },
            () => new ClaimCursor(words, 1, total, claimants),
          );
          const dealt: number[] = [];
          const take = (claimant: number): boolean => {
            const number = cursors[claimant % claimants]?.next() ?? -1;
            if (number >= 0) dealt.push(number);
            return number >= 0;
          };
          order.forEach(take);
          for (let claimant = 0; claimant < claimants; claimant++) while (take(claimant));
          expect(dealt.toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: total }, (_, number) => number),
          );
        },
      ),
    );
  });

  it('takes small pieces when there is little to deal, so that nobody is left idle', () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const [a, b] = [new ClaimCursor(words, 0, 10, 4), new ClaimCursor(words, 0, 10, 4)];
    expect([a.next(), b.next(), a.next(), b.next()]).toEqual([0, 1, 2, 3]);
  });

  it('can be asked again and again when all is dealt', () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const cursor = new ClaimCursor(words, 0, 3, 1);
    for (let n = 0; n < 3; n++) cursor.next();
    for (let n = 0; n < 1000; n++) expect(cursor.next()).toBe(-1);
    expect(words[0]).toBeLessThanOrEqual(3);
  });
});
