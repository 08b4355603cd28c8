import { describe, expect, it } from '@jest/globals';
import { parseCount } from './count.ts';

describe('parseCount()', () => {
  it.each([
    [64000, 64000],
    ['64000', 64000],
    ['64,000', 64000],
    ['64_000', 64000],
    ['64 000', 64000],
    ['0', 0],
  ])('reads %j as %d', (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  it.each([['-1'], [1.5], ['1.5'], ['many'], [''], [2 ** 53]])('refuses %j', (text) => {
    expect(() => parseCount(text)).toThrow(expect.objectContaining({ code: 'UNIT_COUNT' }));
  });
});
