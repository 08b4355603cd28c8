import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { putMatcher, putNamePrefix } from './put-names.ts';

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

describe('putMatcher()', () => {
  const isPut = putMatcher('20260101-3f9a', [1, 12]);

  it.each([
    ['of any agent and worker', `new/${putNamePrefix('20260101-3f9a', 3, 1, 40)}7`, true],
    ['of another entry', `new/${putNamePrefix('20260101-3f9a', 3, 2, 40)}7`, false],
    ['of another run', `new/${putNamePrefix('20260101-3f9b', 3, 1, 40)}7`, false],
    ['in shards', `new/2c/${putNamePrefix('20260101-3f9a', 0, 12, 0)}1`, true],
    ['that only begin like one', `new/${putNamePrefix('20260101-3f9a', 0, 12, 0)}1/more`, false],
  ])('knows names %s', (_, key, known) => {
    expect(isPut(key)).toBe(known);
  });

  it('knows none where no entry puts', () => {
    expect(putMatcher('20260101-3f9a', [])('obj_2026010-0-0-0-1')).toBe(false);
  });
});
