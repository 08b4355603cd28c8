import { createHash, createHmac } from 'node:crypto';
import { DEFAULT_CREDENTIALS, type S3Credentials } from '../auth/credentials.ts';

/** A second implementation of SigV4, written down from its documentation, to test the first with. */
export interface Signer {
  readonly credentials?: S3Credentials;
  readonly region?: string;
  readonly timestamp: string;
}

interface Unsigned {
  readonly method: string;
  /** Encoded. */
  readonly path: string;
  /** Encoded, in order. */
  readonly query?: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

export interface Signature {
  readonly signature: string;
  readonly signedHeaders: string;
  readonly scope: string;
  readonly key: Buffer;
}

const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

export const sha256 = (bytes: Buffer | string): string =>
  createHash('sha256').update(bytes).digest('hex');

export function sign(request: Unsigned, signer: Signer): Signature {
  const { credentials = DEFAULT_CREDENTIALS, region = 'us-east-1', timestamp } = signer;
  const names = Object.keys(request.headers).sort();
  const signedHeaders = names.join(';');
  const canonical = [
    request.method,
    request.path,
    request.query ?? '',
    ...names.map((name) => `${name}:${request.headers[name] ?? ''}`),
    '',
    signedHeaders,
    request.payload,
  ].join('\n');
  const scope = `${timestamp.slice(0, 8)}/${region}/s3/aws4_request`;
  const key = scope
    .split('/')
    .reduce<Buffer>(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`));
  const toSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
  return { signature: hmac(key, toSign).toString('hex'), signedHeaders, scope, key };
}

/** The headers of a signed request, `authorization` included. */
export function signedHeaders(
  request: Omit<Unsigned, 'payload'> & { readonly payload?: string },
  signer: Signer,
): Record<string, string> {
  const { credentials = DEFAULT_CREDENTIALS, timestamp } = signer;
  const payload = request.payload ?? 'UNSIGNED-PAYLOAD';
  const headers = { ...request.headers, 'x-amz-date': timestamp, 'x-amz-content-sha256': payload };
  const { scope, signature, signedHeaders: names } = sign({ ...request, headers, payload }, signer);
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
    `SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** The seed signature and key of a signed request, for the signatures of chunks. */
export function chunkSignature(
  { key, scope }: Signature,
  timestamp: string,
  previous: string,
  chunk: Buffer | string,
): string {
  const text = ['AWS4-HMAC-SHA256-PAYLOAD', timestamp, scope, previous, sha256(''), sha256(chunk)];
  return hmac(key, text.join('\n')).toString('hex');
}

export function trailerSignature(
  { key, scope }: Signature,
  timestamp: string,
  previous: string,
  trailers: string,
): string {
  const text = ['AWS4-HMAC-SHA256-TRAILER', timestamp, scope, previous, sha256(trailers)];
  return hmac(key, text.join('\n')).toString('hex');
}
