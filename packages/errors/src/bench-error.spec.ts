import { describe, expect, it } from '@jest/globals';
import { BenchError } from './bench-error.ts';

describe('BenchError', () => {
  it('takes its retryability from its class unless told otherwise', () => {
    expect(new BenchError('m', { code: 'A', class: 'throttled' }).retryable).toBe(true);
    expect(new BenchError('m', { code: 'A', class: 'permission' }).retryable).toBe(false);
    expect(new BenchError('m', { code: 'A', class: 'server', retryable: false }).retryable).toBe(
      false,
    );
  });

  it('recognises errors of another copy of the package by their shape', () => {
    expect(BenchError.is({ name: 'BenchError', code: 'X' })).toBe(true);
    expect(BenchError.is(new TypeError('no'))).toBe(false);
    expect(BenchError.is(undefined)).toBe(false);
  });

  it('wraps an unexpected value as internal and keeps it as the cause', () => {
    const cause = new TypeError('x is not a function');
    const error = BenchError.from(cause);
    expect(error.class).toBe('internal');
    expect(error.cause).toBe(cause);
  });

  it('returns a BenchError unchanged from from()', () => {
    const error = new BenchError('m', { code: 'A', class: 'config' });
    expect(BenchError.from(error)).toBe(error);
  });
});
