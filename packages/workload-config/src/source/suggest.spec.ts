import { describe, expect, it } from '@jest/globals';
import { suggest } from './suggest.ts';

describe('suggest()', () => {
  it.each([
    ['concurency', 'concurrency'],
    ['drian_timeout', 'drain_timeout'],
    ['Drain-Timeout', 'drain_timeout'],
    ['traget', 'target'],
    ['zzz', undefined],
  ])('for %j finds %j', (word, expected) => {
    expect(suggest(word, ['concurrency', 'drain_timeout', 'target', 'workload'])).toBe(expected);
  });
});
