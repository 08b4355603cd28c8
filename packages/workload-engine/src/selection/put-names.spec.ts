import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { putNamePrefix } from './put-names.ts';

describe('putNamePrefix()', () => {
  it('never gives two names to one object, or one name to two', () => {
    const place = fc.tuple(
      fc.constantFrom('3f9a1c2b7d4e', '3f9a1c2b7d4f'),
      fc.nat(1000),
      fc.nat(20),
      fc.nat(100),
      fc.nat(1e6),
    );
    fc.assert(
      fc.property(place, place, (a, b) => {
        const nameOf = ([run, agent, entry, worker, number]: typeof a): string =>
          putNamePrefix(run, agent, entry, worker) + String(number);
        expect(nameOf(a) === nameOf(b)).toBe(String(a) === String(b));
      }),
    );
  });
});
