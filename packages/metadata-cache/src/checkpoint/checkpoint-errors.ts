import { BenchError } from '@sai3bench/errors';

export type CheckpointErrorCode =
  | 'CHECKPOINT_TRUNCATED'
  | 'CHECKPOINT_FOREIGN'
  | 'CHECKPOINT_VERSION'
  | 'CHECKPOINT_DAMAGED'
  | 'CHECKPOINT_UNREADABLE';

const HINTS: Readonly<Record<CheckpointErrorCode, string>> = {
  CHECKPOINT_TRUNCATED: 'it is not used; the objects are verified against the storage',
  CHECKPOINT_FOREIGN:
    'it is neither used nor touched; the objects are verified against the storage',
  CHECKPOINT_VERSION:
    'restore it with the version of sai3bench that has made it, or let the objects be verified',
  CHECKPOINT_DAMAGED: 'it is not used; the objects are verified against the storage',
  CHECKPOINT_UNREADABLE: 'look at the file and the disk that it is on',
};

/** What is told of a checkpoint that cannot be used. */
export function checkpointError(
  code: CheckpointErrorCode,
  path: string,
  reason: string,
  cause?: unknown,
): BenchError {
  return new BenchError(`the checkpoint ${path} cannot be used: ${reason}`, {
    code,
    class: 'integrity',
    hint: HINTS[code],
    key: path,
    cause,
  });
}
