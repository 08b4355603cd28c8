import { BenchError } from '@sai3bench/errors';
import { systemErrorMeaning } from '@sai3bench/object-store';

/** What the system has said of a file: `FILE_` with its code. @param what became of it: `read`, `written` */
export function localFileError(path: string, what: string, cause: unknown): BenchError {
  const meaning = systemErrorMeaning(cause);
  return new BenchError(`${path} cannot be ${what}`, {
    code: `FILE_${meaning?.code ?? 'FAILED'}`,
    class: meaning?.class ?? 'internal',
    hint: meaning?.hint,
    key: path,
    retryable: false,
    cause,
  });
}
