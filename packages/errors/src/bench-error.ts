import { type ErrorClass, isRetryableClass } from './error-class.ts';

/** Everything that can be told about an error besides its message. */
export interface BenchErrorOptions {
  /** Stable identifier to match on, in capitals: `STORE_BUCKET_MISSING`. */
  readonly code: string;
  readonly class: ErrorClass;
  /** One sentence that says what to do about it. */
  readonly hint?: string | undefined;
  /** Address of the storage endpoint or agent that was talked to. */
  readonly endpoint?: string | undefined;
  /** Object key or file path that the operation was about. */
  readonly key?: string | undefined;
  /** How often the operation was tried, when more than once. */
  readonly attempts?: number | undefined;
  /** Whether a retry may help; defaults to the class's own answer. */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * The one error type of the project. Match on `code` (exact) or `class` (kind), never on the message.
 *
 * The message says what failed; `cause` keeps the chain down to the socket or the server's own answer;
 * `hint` says what to do. {@link formatError} prints all three.
 */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: string;
  readonly class: ErrorClass;
  readonly hint: string | undefined;
  readonly endpoint: string | undefined;
  readonly key: string | undefined;
  readonly attempts: number;
  readonly retryable: boolean;

  constructor(message: string, options: BenchErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.class = options.class;
    this.hint = options.hint;
    this.endpoint = options.endpoint;
    this.key = options.key;
    this.attempts = options.attempts ?? 1;
    this.retryable = options.retryable ?? isRetryableClass(options.class);
  }

  /**
   * Recognised by shape, so that errors made by another copy of this package, or in another
   * vm context, are recognised too.
   */
  static is(value: unknown): value is BenchError {
    return (
      typeof value === 'object' &&
      value !== null &&
      (value as { name?: unknown }).name === 'BenchError' &&
      typeof (value as { code?: unknown }).code === 'string'
    );
  }

  /**
   * Any caught value as a `BenchError`: itself when it is one already, otherwise wrapped as an
   * unexpected error of class `internal` that keeps the value as its cause.
   */
  static from(value: unknown): BenchError {
    if (BenchError.is(value)) return value;
    return new BenchError('an unexpected error occurred', {
      code: 'INTERNAL',
      class: 'internal',
      hint: 'this is a defect of sai3bench: please report it together with the log',
      cause: value,
    });
  }
}
