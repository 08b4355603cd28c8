import { BenchError } from '@sai3bench/errors';
import type { StoreOperation } from '../store-request.ts';
import { systemErrorMeaning } from '../system-error.ts';

/** A failed file operation, with what the system's error code means. */
export function fileError(operation: StoreOperation, path: string, cause: unknown): BenchError {
  const meaning = systemErrorMeaning(cause);
  return new BenchError(`${operation} ${path} failed`, {
    code: meaning === undefined ? 'FILE_FAILED' : `FILE_${meaning.code}`,
    class: meaning?.class ?? 'internal',
    hint: meaning?.hint,
    key: path,
    retryable: false,
    cause,
  });
}

/** A key that would lead out of the store's directory, or that no file can have. */
export function unsafeKey(key: string): BenchError {
  return new BenchError(`"${key}" is not the name of a file below the store's directory`, {
    code: 'FILE_UNSAFE_KEY',
    class: 'config',
    key,
    hint: 'keys must not contain "..", and must not begin with "/"',
  });
}
