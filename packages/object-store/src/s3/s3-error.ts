import { BenchError, type ErrorClass } from '@sai3bench/errors';
import type { StoreOperation } from '../store-request.ts';
import { systemErrorMeaning } from '../system-error.ts';

interface Meaning {
  readonly class: ErrorClass;
  readonly hint?: string;
}

const CREDENTIALS =
  'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, where the agent runs';

/** Error codes of S3 (API reference, "Error responses") and of the SDK, and what they mean here. */
const BY_CODE: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: {
    class: 'not-found',
    hint: 'create the bucket, or correct its name in the address',
  },
  NoSuchKey: { class: 'not-found' },
  NoSuchVersion: { class: 'not-found' },
  NotFound: { class: 'not-found' },
  InvalidRange: {
    class: 'config',
    hint: 'the object is shorter than the part of it that is read: look who has made it',
  },
  AccessDenied: { class: 'permission', hint: 'grant these credentials access to the bucket' },
  Forbidden: { class: 'permission', hint: 'grant these credentials access to the bucket' },
  InvalidAccessKeyId: {
    class: 'auth',
    hint: `the server does not know this access key: ${CREDENTIALS}`,
  },
  // Of versitygw, with status 404.
  XAdminUserNotFound: {
    class: 'auth',
    hint: `the server does not know this access key: ${CREDENTIALS}`,
  },
  SignatureDoesNotMatch: {
    class: 'auth',
    hint: 'the secret key is wrong, or the clock of this host: check AWS_SECRET_ACCESS_KEY and the time',
  },
  ExpiredToken: { class: 'auth', hint: 'the session token has expired: fetch new credentials' },
  // Also where there is none.
  InvalidToken: {
    class: 'auth',
    hint: 'the session token is missing or not valid: set AWS_SESSION_TOKEN to the one that belongs to the access key, or fetch new credentials',
  },
  RequestTimeTooSkewed: { class: 'auth', hint: 'set the clock of this host' },
  CredentialsProviderError: { class: 'auth', hint: CREDENTIALS },
  PermanentRedirect: { class: 'config', hint: 'the bucket is in another region: set AWS_REGION' },
  AuthorizationHeaderMalformed: {
    class: 'config',
    hint: 'the bucket is in another region: set AWS_REGION',
  },
  // Also inside of answers whose status says yes.
  InternalError: { class: 'server' },
  SlowDown: { class: 'throttled' },
  TooManyRequests: { class: 'throttled' },
  ServiceUnavailable: { class: 'throttled' },
  RequestTimeout: { class: 'timeout' },
  TimeoutError: { class: 'timeout' },
  QuotaExceeded: { class: 'resource', hint: 'the quota is used up: raise it, or write less' },
  XMinioStorageFull: { class: 'resource', hint: 'the storage is full: free space, or write less' },
};

const BY_STATUS: readonly (readonly [number, number, ErrorClass])[] = [
  [401, 401, 'auth'],
  [403, 403, 'permission'],
  [404, 404, 'not-found'],
  [408, 408, 'timeout'],
  [429, 429, 'throttled'],
  [503, 503, 'throttled'],
  [507, 507, 'resource'],
  [500, 599, 'server'],
  [300, 499, 'config'],
];

/** What an S3 error says of itself; the parts that the SDK's errors have. */
interface S3ErrorShape {
  readonly name?: string;
  readonly Code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** A failed S3 operation: the server's own code, message and request id, and what they mean. */
export function s3Error(
  operation: StoreOperation,
  place: { readonly endpoint: string; readonly bucket: string; readonly key: string },
  cause: unknown,
): BenchError {
  if (errorCode(cause) === 'CredentialsProviderError') return preparationError(place, cause);
  const object = place.key === '' ? `bucket "${place.bucket}"` : `${place.bucket}/${place.key}`;
  return explained(`${operation} ${object} failed`, place, cause);
}

/** What no request can be sent without is not to be had: credentials, or the addresses of the server. */
export function preparationError(
  { bucket, endpoint }: { readonly endpoint: string; readonly bucket: string },
  cause: unknown,
): BenchError {
  const what = isLookup(cause)
    ? `the name of ${endpoint} could not be resolved`
    : `no credentials were found for bucket "${bucket}"`;
  return explained(what, { endpoint, key: '' }, cause);
}

function isLookup(cause: unknown): boolean {
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'syscall' in cause &&
    cause.syscall === 'getaddrinfo'
  );
}

function explained(
  what: string,
  place: { readonly endpoint: string; readonly key: string },
  cause: unknown,
): BenchError {
  const shape: S3ErrorShape = typeof cause === 'object' && cause !== null ? cause : {};
  const status = shape.$metadata?.httpStatusCode;
  const system = systemErrorMeaning(cause);
  const code = errorCode(cause);
  const { class: errorClass, hint } = meaningOf(code, status) ??
    system ?? { class: 'internal' as const, hint: undefined };
  const answer = [
    code ?? system?.code,
    status === undefined ? undefined : `HTTP ${String(status)}`,
    shape.$metadata?.requestId === undefined ? undefined : `request ${shape.$metadata.requestId}`,
  ].filter((part) => part !== undefined);
  const detail = answer.length === 0 ? '' : ` (${answer.join(', ')})`;
  return new BenchError(`${what}${detail}`, {
    code: `S3_${code ?? system?.code ?? 'FAILED'}`,
    class: errorClass,
    hint,
    endpoint: place.endpoint,
    key: place.key,
    cause,
  });
}

function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const { Code, name }: S3ErrorShape = cause;
  return Code ?? (name === 'Error' ? undefined : name);
}

function meaningOf(code: string | undefined, status: number | undefined): Meaning | undefined {
  const byCode = code === undefined ? undefined : BY_CODE[code];
  if (byCode !== undefined) return byCode;
  if (status === undefined) return undefined;
  const range = BY_STATUS.find(([from, to]) => status >= from && status <= to);
  return range === undefined ? undefined : { class: range[2] };
}
