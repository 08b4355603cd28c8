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
  count: number;
  /** Time of day of the first and of the latest failure, in ms since 1970. */
  readonly firstAtMs: number;
  lastAtMs: number;
}

/** More kinds than this are counted together, so that memory and messages stay small. */
const MAX_GROUPS = 200;

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
    this.add({
      operation,
      endpoint,
      class: error.class,
      code: error.code,
      message: summarizeError(error),
      hint: error.hint,
      key,
      count: 1,
      firstAtMs: atMs,
      lastAtMs: atMs,
    });
  }

  /** Adds a group of failures, from another journal. */
  add(group: ErrorGroup): void {
    const known = this.#find(group);
    if (known === undefined) {
      this.#groups.set(identity(group), { ...group });
      return;
    }
    known.count += group.count;
    known.lastAtMs = Math.max(known.lastAtMs, group.lastAtMs);
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

  #find(group: ErrorGroup): ErrorGroup | undefined {
    const known = this.#groups.get(identity(group));
    if (known !== undefined || this.#groups.size < MAX_GROUPS) return known;
    return [...this.#groups.values()].at(-1);
  }
}

function identity(group: ErrorGroup): string {
  return `${group.operation} ${group.code} ${group.endpoint}`;
}
