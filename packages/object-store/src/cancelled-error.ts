import { BenchError } from '@sai3bench/errors';
import type { StoreOperation } from './store-request.ts';

/** An operation that was stopped by `cancelAll`. */
export function cancelledError(operation: StoreOperation, key: string): BenchError {
  return new BenchError(`${operation} ${key} was cancelled`, {
    code: 'CANCELLED',
    class: 'cancelled',
    key,
    retryable: false,
  });
}
