import { createHash, randomBytes } from 'node:crypto';
import type { Workload } from '@sai3bench/workload-config';

/** An id that no other run has. */
export function newRunId(): string {
  return randomBytes(6).toString('hex');
}

/** SHA-256, in hex, of what a workload means: equal for files that differ only in form. */
export function configHash(workload: Workload): string {
  // Notes are words for a reader; the file means the same without them.
  return createHash('sha256')
    .update(canonicalJson({ ...workload, notes: [] }))
    .digest('hex');
}

/**
 * The seed of all runs' data, a 64-bit number in decimal. What each set of objects is like follows from it and from where the
 * set is, so that any run that has the set finds the same objects with the same bytes, whatever else is in its file.
 */
export const DATA_SEED = '1';

/** JSON with the keys of every object in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
