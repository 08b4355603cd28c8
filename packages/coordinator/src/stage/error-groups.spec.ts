import { describe, expect, it } from '@jest/globals';
import type { PlainErrorGroup } from '@sai3bench/barrier-protocol';
import { mergeErrorGroups } from './error-groups.ts';

const group = (more: Partial<PlainErrorGroup>): PlainErrorGroup => ({
  operation: 'PUT',
  endpoint: 's3://b/',
  class: 'resource',
  code: 'FILE_ENOSPC',
  message: 'PUT a failed',
  hint: undefined,
  key: 'a',
  count: 1,
  firstAtMs: 10,
  lastAtMs: 20,
  ...more,
});

describe('failures of several agents', () => {
  it('of one kind are one group, told by the earliest of them', () => {
    const merged = mergeErrorGroups([
      group({ count: 2, key: 'later', firstAtMs: 15, lastAtMs: 90 }),
      group({ count: 3, key: 'earlier', endpoint: 's3://c/', firstAtMs: 5, lastAtMs: 30 }),
    ]);
    expect(merged).toEqual([
      group({ count: 5, key: 'earlier', endpoint: 's3://c/', firstAtMs: 5, lastAtMs: 90 }),
    ]);
  });

  it('of different kinds stay apart, the most frequent first', () => {
    const merged = mergeErrorGroups([
      group({ count: 1, code: 'FILE_EIO' }),
      group({ count: 9, operation: 'GET' }),
      group({ count: 4 }),
    ]);
    expect(merged.map(({ count }) => count)).toEqual([9, 4, 1]);
  });
});
