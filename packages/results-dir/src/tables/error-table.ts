import type { Column } from './tsv.ts';

/** Failures of one kind in one stage. */
export interface ErrorRow {
  readonly stage: string;
  readonly operation: string;
  readonly class: string;
  readonly code: string;
  readonly endpoint: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly key: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Columns of each agent's `errors.tsv`. */
export const ERROR_COLUMNS: readonly Column<ErrorRow>[] = [
  { name: 'stage', meaning: 'name of the stage', value: ({ stage }) => stage },
  { name: 'operation', meaning: 'the operation that failed', value: ({ operation }) => operation },
  {
    name: 'class',
    meaning:
      'config, auth, permission, not-found, network, timeout, throttled, server, integrity, resource or internal',
    value: (row) => row.class,
  },
  {
    name: 'code',
    meaning: "error code: the server's or the system's own, with a prefix",
    value: ({ code }) => code,
  },
  {
    name: 'endpoint',
    meaning: 'address of the store that was talked to',
    value: ({ endpoint }) => endpoint,
  },
  { name: 'count', meaning: 'failures of this kind', value: ({ count }) => String(count) },
  {
    name: 'first_time',
    meaning: 'when it happened first, RFC 3339 in UTC',
    value: ({ firstAtMs }) => new Date(firstAtMs).toISOString(),
  },
  {
    name: 'last_time',
    meaning: 'when it happened last, RFC 3339 in UTC',
    value: ({ lastAtMs }) => new Date(lastAtMs).toISOString(),
  },
  { name: 'key', meaning: 'object key of the first failure', value: ({ key }) => key },
  {
    name: 'message',
    meaning: 'the first failure in words, with its causes',
    value: ({ message }) => message,
  },
  { name: 'hint', meaning: 'what to do about it', value: ({ hint }) => hint ?? '' },
];
