import { type BenchError, type ErrorClass, summarizeError } from '@sai3bench/errors';
import type { Operation } from '@sai3bench/stats';

/** Failures of one kind: the same operation, endpoint and error code. */
export interface ErrorGroup {
  readonly operation: Operation;
  readonly endpoint: string;
  readonly class: ErrorClass;
  readonly code: string;
  /** The first failure, in words: what failed and why. */
  readonly message: string;
  readonly hint: string | undefined;
  /** Key of the first failure. */
  readonly key: string;
  /** Keys of the first few failures. */
  readonly keys: readonly string[];
  readonly count: number;
  /** Time of day of the first and of the latest failure, in ms since 1970. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Kinds beyond this number are counted together, so that memory and messages stay small. */
const MAX_GROUPS = 200;
const OTHER_CODE = 'OTHER_ERRORS';
/** Keys that are kept of each kind. */
const MAX_KEYS = 5;

/** Groups failures by kind: what is kept of millions of errors. */
export class ErrorJournal {
  readonly #groups = new Map<string, ErrorGroup>();

  /** @param atMs time of day, in ms since 1970 */
  record(
    error: BenchError,
    operation: Operation,
    endpoint: string,
    key: string,
    atMs: number,
  ): void {
    this.add(failureGroup(error, operation, endpoint, key, atMs));
  }

  /** Adds a group of failures, from another journal. */
  add(group: ErrorGroup): void {
    const kept = this.#groups.size < MAX_GROUPS || this.#groups.has(identity(group));
    const added = kept ? group : { ...group, code: OTHER_CODE, endpoint: '' };
    const known = this.#groups.get(identity(added));
    this.#groups.set(identity(added), known === undefined ? added : together(known, added));
  }

  /** All groups, the most frequent first. */
  groups(): ErrorGroup[] {
    return [...this.#groups.values()].toSorted((a, b) => b.count - a.count);
  }

  /** All groups, which are then forgotten. */
  take(): ErrorGroup[] {
    const groups = this.groups();
    this.#groups.clear();
    return groups;
  }
}

/** Two groups of one kind; the earlier one tells of the first failure. */
function together(one: ErrorGroup, other: ErrorGroup): ErrorGroup {
  const first = one.firstAtMs <= other.firstAtMs ? one : other;
  const later = first === one ? other : one;
  const { length } = first.keys;
  return {
    ...first,
    keys:
      length < MAX_KEYS ? [...first.keys, ...later.keys.slice(0, MAX_KEYS - length)] : first.keys,
    count: one.count + other.count,
    lastAtMs: Math.max(one.lastAtMs, other.lastAtMs),
  };
}

/** A failure as a group of its own. @param atMs time of day, in ms since 1970 */
export function failureGroup(
  error: BenchError,
  operation: Operation,
  endpoint: string,
  key: string,
  atMs: number,
): ErrorGroup {
  return {
    operation,
    endpoint,
    class: error.class,
    code: error.code,
    message: summarizeError(error),
    hint: error.hint,
    key,
    keys: [key],
    count: 1,
    firstAtMs: atMs,
    lastAtMs: atMs,
  };
}

function identity(group: ErrorGroup): string {
  return `${group.operation} ${group.code} ${group.endpoint}`;
}
