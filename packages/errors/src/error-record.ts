import { BenchError } from './bench-error.ts';
import { causeMessages } from './cause-chain.ts';
import { type ErrorClass, isErrorClass } from './error-class.ts';

/** A {@link BenchError} as plain data, to cross a thread, a process or the wire. */
export interface ErrorRecord {
  readonly code: string;
  readonly class: ErrorClass;
  readonly message: string;
  readonly hint?: string;
  readonly endpoint?: string;
  readonly key?: string;
  readonly attempts: number;
  readonly retryable: boolean;
  /** Messages of the causes, outermost first. */
  readonly causes: readonly string[];
}

/** Any caught value as plain data; see {@link BenchError.from}. */
export function toErrorRecord(value: unknown): ErrorRecord {
  const error = BenchError.from(value);
  return {
    code: error.code,
    class: error.class,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.endpoint === undefined ? {} : { endpoint: error.endpoint }),
    ...(error.key === undefined ? {} : { key: error.key }),
    attempts: error.attempts,
    retryable: error.retryable,
    causes: causeMessages(error).slice(1),
  };
}

/** The error that a record describes; its causes come back as messages. */
export function fromErrorRecord(record: ErrorRecord): BenchError {
  return new BenchError(record.message, {
    code: record.code,
    class: isErrorClass(record.class) ? record.class : 'internal',
    hint: record.hint,
    endpoint: record.endpoint,
    key: record.key,
    attempts: record.attempts,
    retryable: record.retryable,
    cause: chainOf(record.causes),
  });
}

function chainOf(messages: readonly string[]): Error | undefined {
  return messages.reduceRight<Error | undefined>(
    (cause, message) => new Error(message, cause === undefined ? undefined : { cause }),
    undefined,
  );
}
