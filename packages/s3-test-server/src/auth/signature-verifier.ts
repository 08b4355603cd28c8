import { hash } from 'node:crypto';
import { Refusal } from '../refusal/refusal.ts';
import { type Authorization, parseTimestamp, readAuthorization } from './authorization.ts';
import { canonicalRequest, requireSignedHeaders, type SignedRequest } from './canonical-request.ts';
import type { S3Credentials } from './credentials.ts';
import { deriveSigningKey, HmacKey } from './hmac-key.ts';

/** Who sent a request, and what the signatures of its chunks are computed with. */
export interface Identity {
  readonly credentials: S3Credentials;
  readonly key: HmacKey;
  readonly authorization: Authorization;
}

export interface VerifierOptions {
  readonly credentials: readonly S3Credentials[];
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How far a request's time may be off, in milliseconds. */
  readonly maxSkewMs: number;
}

/** Verifies AWS Signature Version 4 of requests to S3, in the header or presigned in the query. */
export class SignatureVerifier {
  readonly #options: VerifierOptions;
  readonly #credentials: ReadonlyMap<string, S3Credentials>;
  /** By access key and scope; a day's worth of them is small. */
  readonly #keys = new Map<string, HmacKey>();

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#credentials = new Map(options.credentials.map((each) => [each.accessKeyId, each]));
  }

  /** @throws Refusal with the code that S3 answers, in the order in which S3 looks */
  verify(request: SignedRequest, query: ReadonlyMap<string, string>): Identity {
    const authorization = readAuthorization(request.headers, query);
    if (authorization === undefined) throw new Refusal('AccessDenied');
    this.#checkScope(authorization);
    const credentials = this.#credentials.get(authorization.accessKeyId);
    if (credentials === undefined) {
      throw new Refusal('InvalidAccessKeyId', {
        details: { AWSAccessKeyId: authorization.accessKeyId },
      });
    }
    this.#checkTime(authorization);
    this.#checkToken(authorization, credentials);
    requireSignedHeaders(request.headers, authorization.signedHeaders);
    const key = this.#keyOf(authorization, credentials);
    verifySignature(request, authorization, key);
    return { credentials, key, authorization };
  }

  #checkScope({ region, service, expiresSeconds, date, timestamp }: Authorization): void {
    const expected = this.#options.region;
    if (region === expected && service === 's3' && timestamp.startsWith(date)) return;
    const code =
      expiresSeconds === undefined
        ? 'AuthorizationHeaderMalformed'
        : 'AuthorizationQueryParametersError';
    throw new Refusal(code, {
      message: `The authorization is malformed; the scope '${date}/${region}/${service}' is wrong; expecting '${timestamp.slice(0, 8)}/${expected}/s3'`,
      details: { Region: expected },
      headers: `x-amz-bucket-region: ${expected}\r\n`,
    });
  }

  #checkTime({ timestamp, expiresSeconds }: Authorization): void {
    const now = this.#options.now();
    const at = parseTimestamp(timestamp);
    if (Number.isNaN(at)) {
      throw new Refusal('AccessDenied', { message: 'The request has no valid date' });
    }
    const earlyMs = at - now;
    const lateMs = expiresSeconds === undefined ? -earlyMs : 0;
    if (Math.max(earlyMs, lateMs) > this.#options.maxSkewMs) {
      throw new Refusal('RequestTimeTooSkewed', {
        details: {
          RequestTime: timestamp,
          ServerTime: new Date(now).toISOString(),
          MaxAllowedSkewMilliseconds: String(this.#options.maxSkewMs),
        },
      });
    }
    if (expiresSeconds !== undefined && now > at + expiresSeconds * 1000) {
      throw new Refusal('AccessDenied', { message: 'Request has expired' });
    }
  }

  #checkToken({ token }: Authorization, { expiresAtMs, sessionToken }: S3Credentials): void {
    if (token !== sessionToken) throw new Refusal('InvalidToken');
    if (expiresAtMs !== undefined && this.#options.now() >= expiresAtMs) {
      throw new Refusal('ExpiredToken');
    }
  }

  #keyOf({ scope, date, region, service }: Authorization, credentials: S3Credentials): HmacKey {
    const name = `${credentials.accessKeyId}/${scope}`;
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = new HmacKey(deriveSigningKey(credentials.secretAccessKey, date, region, service));
      this.#keys.set(name, key);
    }
    return key;
  }
}

function verifySignature(request: SignedRequest, authorization: Authorization, key: HmacKey): void {
  const payload =
    authorization.expiresSeconds === undefined
      ? request.headers.get('x-amz-content-sha256')
      : 'UNSIGNED-PAYLOAD';
  if (payload === undefined) {
    throw new Refusal('InvalidRequest', {
      message: 'Missing required header for this request: x-amz-content-sha256',
    });
  }
  const canonical = canonicalRequest(request, authorization.signedHeaders, payload);
  const digest = hash('sha256', Buffer.from(canonical, 'latin1'), 'hex');
  const toSign = `AWS4-HMAC-SHA256\n${authorization.timestamp}\n${authorization.scope}\n${digest}`;
  if (key.hex(toSign) === authorization.signature) return;
  throw new Refusal('SignatureDoesNotMatch', {
    details: {
      AWSAccessKeyId: authorization.accessKeyId,
      StringToSign: toSign,
      SignatureProvided: authorization.signature,
      CanonicalRequest: canonical,
    },
  });
}
