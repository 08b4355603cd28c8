import { BenchError, systemCode } from '@sai3bench/errors';
import type { StoreOperation, StoreRequest } from '../store-request.ts';
import { systemErrorMeaning } from '../system-error.ts';

/**
 * A failed file operation, with what the system's error code means. What a device or a server of files reports may pass,
 * or be better at another mount.
 */
export function fileError(operation: StoreOperation, path: string, cause: unknown): BenchError {
  const meaning = systemErrorMeaning(cause);
  return new BenchError(`${operation} ${path} failed`, {
    code: meaning === undefined ? 'FILE_FAILED' : `FILE_${meaning.code}`,
    class: meaning?.class ?? 'internal',
    hint: meaning?.hint,
    key: path,
    cause,
  });
}

/** Why a store's own directory cannot be looked into: without it, nothing can be said of the objects. */
export function rootError(root: string, cause: unknown): BenchError {
  if (systemCode(cause) !== 'ENOENT') return fileError('LIST', root, cause);
  return new BenchError(`${root} does not exist`, {
    code: 'FILE_ROOT_MISSING',
    class: 'config',
    key: root,
    hint: 'check the address and the mount; the first object that is put makes the directory',
    retryable: false,
    cause,
  });
}

/** Whether an error says that there is nothing at a path: it is missing, or a part of it is a file. */
export function isNothingThere(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The error of a GET that found nothing because the file ends before the part that was asked for, as S3 has it. */
export function behindEnd({ bytes, range }: StoreRequest, path: string): BenchError | undefined {
  if (range === undefined || bytes > 0) return undefined;
  return new BenchError(
    `GET ${path} asked for what is behind byte ${String(range.offsetBytes)}, where the file has ended`,
    {
      code: 'FILE_RANGE',
      class: 'config',
      key: path,
      hint: 'the file is shorter than the part of it that is read: look who has made it',
      retryable: false,
    },
  );
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
