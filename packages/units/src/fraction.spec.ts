import { describe, expect, it } from '@jest/globals';
import { parseFraction } from './fraction.ts';

describe('parseFraction()', () => {
  it.each([
    ['10%', 0.1],
    ['12.5 %', 0.125],
    ['100%', 1],
    ['0%', 0],
    [0.3, 0.3],
    ['.5', 0.5],
    [1e-7, 1e-7],
    [1, 1],
  ])('reads %j as %d', (text, fraction) => {
    expect(parseFraction(text)).toBe(fraction);
  });

  it.each([[10], ['110%'], [-0.1], ['-5%'], ['half'], [''], ['%'], [Number.NaN]])(
    'refuses %j',
    (text) => {
      expect(() => parseFraction(text)).toThrow(expect.objectContaining({ code: 'UNIT_FRACTION' }));
    },
  );
});
