import { describe, expect, it } from '@jest/globals';
import { BenchError, ERROR_CLASSES } from '@sai3bench/errors';
import { requestResultOf } from './request-result.ts';

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
