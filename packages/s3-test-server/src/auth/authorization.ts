import { Refusal } from '../refusal/refusal.ts';

/** What a request says about its signature, in the header or in the query. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `20260101/us-east-1/s3/aws4_request` */
  readonly scope: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** `host;x-amz-date` */
  readonly signedHeaders: string;
  readonly signature: string;
  /** `20260101T000000Z` */
  readonly timestamp: string;
  readonly token: string | undefined;
  /** Lifetime in seconds of a presigned request. */
  readonly expiresSeconds: number | undefined;
}

const HEADER =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/((\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/;
const CREDENTIAL = /^([^/]+)\/((\d{8})\/([^/]+)\/([^/]+)\/aws4_request)$/;
const MAX_EXPIRES_SECONDS = 604_800;

/**
 * The authorisation of a request, or undefined where there is none (AWS SigV4, "Authorization header" and "Query
 * parameters").
 */
export function readAuthorization(
  headers: ReadonlyMap<string, string>,
  query: ReadonlyMap<string, string>,
): Authorization | undefined {
  const header = headers.get('authorization');
  if (header !== undefined) return fromHeader(header, headers);
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return fromQuery(query);
  return undefined;
}

function fromHeader(header: string, headers: ReadonlyMap<string, string>): Authorization {
  const match = HEADER.exec(header);
  if (match === null) throw new Refusal('AuthorizationHeaderMalformed');
  const [, accessKeyId = '', scope = '', date = '', region = '', service = ''] = match;
  const timestamp = headers.get('x-amz-date') ?? basicDate(headers.get('date'));
  if (timestamp === undefined) {
    throw new Refusal('AccessDenied', {
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    });
  }
  return {
    accessKeyId,
    scope,
    date,
    region,
    service,
    signedHeaders: match[6] ?? '',
    signature: match[7] ?? '',
    timestamp,
    token: headers.get('x-amz-security-token'),
    expiresSeconds: undefined,
  };
}

function fromQuery(query: ReadonlyMap<string, string>): Authorization {
  const match = CREDENTIAL.exec(query.get('X-Amz-Credential') ?? '');
  const expires = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  const timestamp = query.get('X-Amz-Date');
  const signature = query.get('X-Amz-Signature');
  const signedHeaders = query.get('X-Amz-SignedHeaders');
  if (
    query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' ||
    match === null ||
    timestamp === undefined ||
    signature === undefined ||
    signedHeaders === undefined ||
    !Number.isInteger(expires) ||
    expires < 0 ||
    expires > MAX_EXPIRES_SECONDS
  ) {
    throw new Refusal('AuthorizationQueryParametersError');
  }
  const [, accessKeyId = '', scope = '', date = '', region = '', service = ''] = match;
  return {
    accessKeyId,
    scope,
    date,
    region,
    service,
    signedHeaders,
    signature,
    timestamp,
    token: query.get('X-Amz-Security-Token'),
    expiresSeconds: expires,
  };
}

/** A Date header as `20260101T000000Z`. */
function basicDate(header: string | undefined): string | undefined {
  const epochMs = Date.parse(header ?? '');
  if (Number.isNaN(epochMs)) return undefined;
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

let lastText = '';
let lastEpochMs = Number.NaN;

/** `20260101T000000Z` as milliseconds since 1970; NaN where it is none. The last answer is kept. */
export function parseTimestamp(text: string): number {
  if (text === lastText) return lastEpochMs;
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [year = Number.NaN, month = 0, day, hour, minute, second] = (match?.slice(1) ?? []).map(
    Number,
  );
  lastText = text;
  lastEpochMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return lastEpochMs;
}
