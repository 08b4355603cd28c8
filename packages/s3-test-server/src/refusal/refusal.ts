import { type S3ErrorCode, s3ErrorMessage, s3ErrorStatus } from './s3-error-code.ts';

export interface RefusalOptions {
  /** Instead of the code's own message. */
  readonly message?: string;
  readonly status?: number;
  /** Further elements of the error document: `Region`, `StringToSign`. */
  readonly details?: Readonly<Record<string, string>>;
  /** Further header lines, each ended by CRLF. */
  readonly headers?: string;
}

/** A request that is answered with an S3 error; thrown by whatever finds the reason. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;
  readonly headers: string;

  constructor(code: S3ErrorCode, options: RefusalOptions = {}) {
    super(options.message ?? s3ErrorMessage(code));
    this.code = code;
    this.status = options.status ?? s3ErrorStatus(code);
    this.details = options.details ?? {};
    this.headers = options.headers ?? '';
  }
}
