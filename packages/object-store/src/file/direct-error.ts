import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError, systemCode } from '@sai3bench/errors';
import type { StoreOperation } from '../store-request.ts';
import { fileError } from './file-error.ts';
import { fileSystemName } from './file-system-name.ts';

/** A failed operation with O_DIRECT: the file system may not know it, which it says by EINVAL. */
export function directError(operation: StoreOperation, path: string, cause: unknown): BenchError {
  if (BenchError.is(cause)) return cause;
  if (systemCode(cause) !== 'EINVAL') return fileError(operation, path, cause);
  return new BenchError(`${operation} ${path} failed: ${nameAt(path)} refuses O_DIRECT`, {
    code: 'FILE_DIRECT_REFUSED',
    class: 'config',
    hint: 'the file system does not support O_DIRECT, or its blocks are larger than 4 KiB: use a file:// address',
    key: path,
    retryable: false,
    cause,
  });
}

/** A write that ended before a whole block was written. */
export function shortWrite(path: string): BenchError {
  return new BenchError(`PUT ${path} failed: not even one block was written`, {
    code: 'FILE_SHORT_WRITE',
    class: 'server',
    hint: 'see the kernel log, and whether the file system is full',
    key: path,
    retryable: false,
  });
}

function nameAt(path: string): string {
  try {
    return fileSystemName(statfsSync(dirname(path)).type);
  } catch {
    // The error that this is for counts, whether its file system has a name or not.
    return 'the file system';
  }
}
