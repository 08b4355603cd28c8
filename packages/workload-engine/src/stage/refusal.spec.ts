import { describe, expect, it } from '@jest/globals';
import { BenchError, type ErrorClass } from '@sai3bench/errors';
import { isRefusal } from './refusal.ts';

function failure(errorClass: ErrorClass, retryable?: boolean): BenchError {
  return new BenchError('failed', { code: 'X', class: errorClass, retryable });
}

describe('isRefusal()', () => {
  it.each(['auth', 'permission', 'not-found', 'config'] as const)(
    'is sure that nothing was done after an error of class %s',
    (errorClass) => {
      expect(isRefusal(failure(errorClass))).toBe(true);
    },
  );

  it.each(['network', 'timeout', 'throttled', 'server', 'resource', 'cancelled'] as const)(
    'is not sure after an error of class %s',
    (errorClass) => {
      expect(isRefusal(failure(errorClass, false))).toBe(false);
    },
  );
});
