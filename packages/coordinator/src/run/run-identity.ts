import { createHash, randomBytes } from 'node:crypto';
import type { Workload } from '@sai3bench/workload-config';

/** An id that no other run has. */
export function newRunId(): string {
  return randomBytes(6).toString('hex');
}

/** SHA-256, in hex, of what a workload means: equal for files that differ only in form. */
export function configHash(workload: Workload): string {
  // Notes are words for a reader; the file means the same without them.
  return sha256({ ...workload, notes: [] }).toString('hex');
}

/**
 * The seed of a run's data, a 64-bit number in decimal. It depends on what defines the dataset and on nothing else, so
 * that a later run of the same workload finds the same objects with the same bytes.
 */
export function dataSeedOf(workload: Workload): string {
  const { ensureObjects, target } = workload;
  const definition = ensureObjects.map(({ baseUri, sizes }) => ({ baseUri, sizes }));
  return sha256({ target, definition }).readBigUInt64BE().toString();
}

function sha256(value: unknown): Buffer {
  return createHash('sha256').update(canonicalJson(value)).digest();
}

/** JSON with the keys of every object in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
