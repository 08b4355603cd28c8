import { describe, expect, it } from '@jest/globals';
import { matcherOf, splitPattern } from './key-pattern.ts';

describe('splitPattern()', () => {
  it.each([
    ['data/prepared-*.dat', { prefix: 'data/', pattern: 'prepared-*.dat' }],
    ['data/*/x', { prefix: 'data/', pattern: '*/x' }],
    ['data/', { prefix: 'data/', pattern: '**' }],
    ['', { prefix: '', pattern: '**' }],
    ['*', { prefix: '', pattern: '*' }],
    ['data/one.dat', undefined],
  ])('splits %j', (path, expected) => {
    expect(splitPattern(path)).toEqual(expected);
  });
});

describe('matcherOf()', () => {
  it.each([
    ['prepared-*.dat', 'prepared-00000001.dat', true],
    ['prepared-*.dat', 'prepared-1/x.dat', false],
    ['prepared-*.dat', 'prepared-1xdat', false],
    ['*/x', 'a/x', true],
    ['**', 'a/b/c', true],
    ['a+b(*)', 'a+b(1)', true],
  ])('%j against %j', (pattern, name, matches) => {
    expect(matcherOf(pattern)(name)).toBe(matches);
  });
});
