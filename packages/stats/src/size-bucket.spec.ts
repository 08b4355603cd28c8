import { describe, expect, it } from '@jest/globals';
import { SIZE_BUCKET_LABELS, sizeBucketOf } from './size-bucket.ts';

describe('sizeBucketOf()', () => {
  it.each([
    [0, 'zero'],
    [1, '1B-8KiB'],
    [8192, '1B-8KiB'],
    [8193, '8KiB-64KiB'],
    [65536, '8KiB-64KiB'],
    [524288, '64KiB-512KiB'],
    [4194304, '512KiB-4MiB'],
    [33554432, '4MiB-32MiB'],
    [268435456, '32MiB-256MiB'],
    [2147483648, '256MiB-2GiB'],
    [2147483649, '>2GiB'],
  ])('puts %d bytes into %s', (sizeBytes, label) => {
    expect(SIZE_BUCKET_LABELS[sizeBucketOf(sizeBytes)]).toBe(label);
  });
});
