import type { Fault } from '@sai3bench/s3-test-server';
import type { ObjectClient } from '../object-client.ts';
import type { Exceptions } from './conformance-server.ts';

/** The credentials that the server of the error table knows. */
export const CREDENTIALS = {
  good: { accessKeyId: 'GOOD', secretAccessKey: 'good-secret' },
  readOnly: { accessKeyId: 'READONLY', secretAccessKey: 'read-only-secret', readOnly: true },
  expired: {
    accessKeyId: 'EXPIRED',
    secretAccessKey: 'expired-secret',
    sessionToken: 'token',
    expiresAtMs: 1,
  },
} as const;

/** Operations that can fail; each fails in the same way where the answer has a body. */
export const FAILING = {
  GET: (client: ObjectClient) => client.get('key'),
  PUT: (client: ObjectClient) => client.put('key', Buffer.from('content')),
  DELETE: (client: ObjectClient) => client.delete('key'),
  LIST: (client: ObjectClient) => client.list('', () => undefined),
  STAT: (client: ObjectClient) => client.stat('key'),
} as const;

export type FailingOperation = keyof typeof FAILING;

/** Credentials that a client comes with. */
export interface ClientCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Something that is wrong, and the error that it is for an operation with a body, and for STAT, which has none. */
export interface ErrorCase {
  readonly when: string;
  readonly credentials?: ClientCredentials;
  readonly bucket?: string;
  /** How far the clock of the server is ahead. */
  readonly skewMs?: number;
  readonly fault?: Fault;
  readonly operations?: readonly FailingOperation[];
  /** Every server can be tried; what it answers else, where it does. */
  readonly everywhere?: { readonly except?: Exceptions };
  readonly error: string;
  /** Default: the same. */
  readonly ofStat?: string;
  /** Requests of the fast driver, where it does not leave it at one. */
  readonly requests?: number;
}

export const ERRORS: readonly ErrorCase[] = [
  {
    when: 'there is no such object',
    everywhere: {},
    operations: ['GET', 'STAT'],
    error: 'not-found S3_NoSuchKey',
    ofStat: 'not-found S3_NotFound',
  },
  {
    when: 'there is no such bucket',
    everywhere: {},
    bucket: 'no-such-bucket',
    error: 'not-found S3_NoSuchBucket',
    ofStat: 'not-found S3_NotFound',
  },
  {
    when: 'the secret is wrong',
    everywhere: { except: { s3rver: 'does not check signatures' } },
    credentials: { ...CREDENTIALS.good, secretAccessKey: 'bad' },
    error: 'auth S3_SignatureDoesNotMatch',
    ofStat: 'permission S3_Unknown',
  },
  {
    when: 'nobody knows the access key',
    everywhere: { except: { versitygw: 'answers 404 XAdminUserNotFound' } },
    credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'bad' },
    error: 'auth S3_InvalidAccessKeyId',
    ofStat: 'permission S3_Unknown',
  },
  {
    when: 'the session token has expired',
    credentials: CREDENTIALS.expired,
    error: 'auth S3_ExpiredToken',
    ofStat: 'config S3_Unknown',
  },
  {
    when: 'the session token is missing',
    credentials: { accessKeyId: 'EXPIRED', secretAccessKey: 'expired-secret' },
    error: 'auth S3_InvalidToken',
    ofStat: 'config S3_Unknown',
  },
  {
    when: 'the clocks differ by an hour',
    skewMs: 3_600_000,
    error: 'auth S3_RequestTimeTooSkewed',
    ofStat: 'permission S3_Unknown',
  },
  {
    when: 'the credentials are good for reading only',
    credentials: CREDENTIALS.readOnly,
    operations: ['PUT', 'DELETE'],
    error: 'permission S3_AccessDenied',
  },
  {
    when: 'the server denies access',
    fault: { kind: 'error', code: 'AccessDenied' },
    error: 'permission S3_AccessDenied',
    ofStat: 'permission S3_Unknown',
  },
  {
    when: 'the server wants less load',
    fault: { kind: 'error', code: 'SlowDown' },
    error: 'throttled S3_SlowDown',
    ofStat: 'throttled S3_Unknown',
  },
  {
    when: 'the server has an internal error',
    fault: { kind: 'error', code: 'InternalError' },
    error: 'server S3_InternalError',
    ofStat: 'server S3_Unknown',
  },
  {
    when: 'the bucket is in another region',
    bucket: 'far',
    requests: 2,
    error: 'config S3_PermanentRedirect',
    ofStat: 'config S3_Unknown',
  },
];
