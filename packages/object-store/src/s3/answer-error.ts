import { BenchError, type ErrorClass } from '@sai3bench/errors';
import { cancelledError } from '../cancelled-error.ts';
import type { StoreOperation } from '../store-request.ts';
import type { ErrorAnswer } from './error-answer.ts';
import { headerField } from './http/header-field.ts';
import type { HttpFailure } from './http/http-exchange.ts';
import { regionHint } from './region-hint.ts';
import { s3Error } from './s3-error.ts';
import { tlsErrorMeaning } from './tls-error.ts';
import { elementText } from './xml/xml-text.ts';

/** What an operation was about, for the reader of its error. */
export interface ErrorPlace {
  readonly endpoint: string;
  readonly bucket: string;
  readonly key: string;
}

/**
 * The error that an answer describes: code, message and request id of S3's XML. Where there is none, the code is the one
 * that the SDK uses then.
 */
export function answerError(
  operation: StoreOperation,
  place: ErrorPlace,
  answer: ErrorAnswer,
): BenchError {
  const { body, head, status } = answer;
  const error = elementText(body, 'Error') === undefined ? '' : body;
  const code = elementText(error, 'Code') ?? (status === 404 ? 'NotFound' : 'Unknown');
  const requestId = elementText(error, 'RequestId') ?? headerField(head, 'x-amz-request-id');
  const found = s3Error(operation, place, {
    Code: code,
    message: elementText(error, 'Message') ?? reasonOf(answer),
    $metadata: { httpStatusCode: status, ...(requestId === undefined ? {} : { requestId }) },
  });
  const hint = redirectHint(answer);
  if (hint === undefined) return found;
  return withHint(found, hint, status < 400 ? 'config' : found.class);
}

function reasonOf({ head, status }: ErrorAnswer): string {
  return /^HTTP\/1\.\d \d{3} +([^\r\n]+)/.exec(head)?.[1] ?? `HTTP ${String(status)}`;
}

/** The region or the address that the server names instead, as it does with 301, 307 and wrong regions. */
function redirectHint({ body, head, status }: ErrorAnswer): string | undefined {
  const region = regionHint({ body, head, status });
  if (region !== undefined) return `the bucket is in region ${region}: set AWS_REGION=${region}`;
  if (status < 300 || status > 399 || status === 304) return undefined;
  const place = elementText(body, 'Endpoint') ?? headerField(head, 'location');
  return place === undefined
    ? undefined
    : `the server wants requests to go to ${place}: use that address`;
}

function withHint(error: BenchError, hint: string, errorClass: ErrorClass): BenchError {
  const { cause, code, endpoint, key, retryable } = error;
  return new BenchError(error.message, {
    code,
    class: errorClass,
    hint,
    endpoint,
    key,
    retryable,
    cause,
  });
}

/** How far an operation had got when its connection failed. */
export interface Progress {
  readonly operation: StoreOperation;
  /** The head of the answer said that the operation succeeds, and the body had begun or was to begin. */
  readonly inBody: boolean;
  readonly bytes: number;
  /** -1 when the server did not say. */
  readonly expectedBytes: number;
}

const TIMEOUTS = {
  'connect-timeout': [
    'S3_CONNECT_TIMEOUT',
    'no connection came about in time',
    'check the address, firewalls, and whether the server is overloaded',
  ],
  'idle-timeout': [
    'S3_IDLE_TIMEOUT',
    'nothing moved on the connection for too long',
    'see the log of the server; a slow server may need a longer idle time-out',
  ],
  'total-timeout': [
    'S3_TOTAL_TIMEOUT',
    'the answer was not complete in time',
    'large objects on slow links may need a longer total time-out',
  ],
} as const;

/** The error of an operation that has no complete answer. */
export function failureError(
  progress: Progress,
  place: ErrorPlace,
  failure: HttpFailure,
): BenchError {
  const { operation } = progress;
  const { address: host = '' } = failure;
  const address = place.endpoint.includes(host) ? '' : ` (${host})`;
  const common = { endpoint: place.endpoint + address, key: place.key, cause: failure.cause };
  const what = `${operation} ${place.bucket}/${place.key}`;
  switch (failure.kind) {
    case 'cancelled':
      return cancelledError(operation, place.key);
    case 'connect':
    case 'broken': {
      const error =
        tlsError(what, common) ??
        s3Error(operation, { ...place, endpoint: common.endpoint }, failure.cause);
      return error;
    }
    case 'closed':
      return closedError(progress, what, common);
    case 'illegal':
      return new BenchError(
        `${what} failed: the answer is not valid HTTP: ${failure.detail ?? ''}`,
        {
          ...common,
          code: 'S3_ILLEGAL_ANSWER',
          class: 'server',
          hint: 'check that this address is that of an S3 server, and not of something in between',
        },
      );
    case 'early-success':
      return new BenchError(`${what} was called a success before its body was sent`, {
        ...common,
        code: 'S3_EARLY_SUCCESS',
        class: 'integrity',
        retryable: false,
        hint: 'the server has not stored what it did not read: see its log',
      });
    default: {
      const [code, why, hint] = TIMEOUTS[failure.kind];
      return new BenchError(`${what} failed: ${why}`, { ...common, code, class: 'timeout', hint });
    }
  }
}

interface Common {
  readonly endpoint: string;
  readonly key: string;
  readonly cause: unknown;
}

function closedError(progress: Progress, what: string, common: Common): BenchError {
  if (!progress.inBody) {
    return new BenchError(`${what} failed: the server closed the connection without an answer`, {
      ...common,
      code: 'S3_CONNECTION_CLOSED',
      class: 'network',
      hint: 'the server closed the connection; see its log',
    });
  }
  const { bytes, expectedBytes } = progress;
  const of =
    expectedBytes < 0 ? 'an unfinished body after' : `of ${String(expectedBytes)} bytes only`;
  return new BenchError(`${what} returned ${of} ${String(bytes)} bytes`, {
    ...common,
    code: 'S3_SHORT_BODY',
    class: 'integrity',
    retryable: false,
  });
}

function tlsError(what: string, common: Common): BenchError | undefined {
  const meaning = tlsErrorMeaning(common.cause);
  if (meaning === undefined) return undefined;
  const { code, hint } = meaning;
  return new BenchError(`${what} failed: TLS could not be agreed upon (${code})`, {
    ...common,
    code: `S3_${code}`,
    class: 'config',
    hint,
  });
}
