/** An access key that the server knows. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials: every request must carry this token. */
  readonly sessionToken?: string;
  /** Milliseconds since 1970 from which on requests are refused with ExpiredToken. Default: never. */
  readonly expiresAtMs?: number;
  /** Refuse what changes anything with AccessDenied. Default false. */
  readonly readOnly?: boolean;
}

/** What the server knows when nothing else was said. */
export const DEFAULT_CREDENTIALS: S3Credentials = {
  accessKeyId: 'SAI3BENCHTEST',
  secretAccessKey: 'sai3bench-test-secret',
};
