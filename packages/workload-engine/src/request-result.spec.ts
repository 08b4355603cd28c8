import { describe, expect, it } from '@jest/globals';
import { BenchError, ERROR_CLASSES, type ErrorClass } from '@sai3bench/errors';
import { mayWorkElsewhere, requestResultOf } from './request-result.ts';

function resultsOf(result: string): string[] {
  return ERROR_CLASSES.filter(
    (each) => requestResultOf(new BenchError('m', { code: 'X', class: each })) === result,
  );
}

describe('requestResultOf()', () => {
  it('takes no answer, or one that it cannot, as a failure of the endpoint', () => {
    expect(resultsOf('failed')).toEqual(['network', 'timeout', 'server']);
  });

  it('takes an answer that it will not as a sign that the endpoint is well', () => {
    expect(resultsOf('refused')).toEqual([
      ...['auth', 'permission', 'not-found', 'throttled', 'integrity'],
    ]);
  });

  it('takes a write to a read-only file system as a failure of the endpoint', () => {
    const error = new BenchError('m', { code: 'FILE_EROFS', class: 'permission' });
    expect(requestResultOf(error)).toBe('failed');
  });
});

describe('mayWorkElsewhere()', () => {
  it.each<[string, ErrorClass, boolean]>([
    ['S3_InternalError', 'server', true],
    ['S3_NoSuchKey', 'not-found', false],
    ['S3_AccessDenied', 'permission', false],
    ['S3_SlowDown', 'throttled', false],
    ['TOO_MANY_KEYS', 'resource', false],
    ['FILE_EIO', 'server', true],
    ['FILE_EROFS', 'permission', true],
    ['FILE_EACCES', 'permission', true],
    ['FILE_ENOSPC', 'resource', true],
    ['FILE_FAILED', 'internal', true],
    ['FILE_ROOT_MISSING', 'config', true],
    ['FILE_ENOENT', 'not-found', false],
    ['FILE_ENAMETOOLONG', 'config', false],
    ['FILE_ENOTEMPTY', 'config', false],
  ])('of %s, class %s: %s', (code, errorClass, expected) => {
    expect(mayWorkElsewhere(new BenchError('m', { code, class: errorClass }))).toBe(expected);
  });
});
