import { hash } from 'node:crypto';

/** The hash of no bytes. */
export const EMPTY_SHA256 = hash('sha256', '', 'hex');

/** The parts of a request that are signed. */
export interface SignableRequest {
  readonly method: string;
  /** Encoded, as it is sent. */
  readonly path: string;
  /** Canonical: see `canonicalQuery`. */
  readonly query: string;
  /** Fields that are signed: names in small letters, values without spaces around them. `host` is one of them. */
  readonly headers: readonly (readonly [string, string])[];
  /** Hash of the body in hexadecimal digits, or what stands for it. */
  readonly payloadHash: string;
}

/** `host;x-amz-date`, of fields sorted by name. */
export function signedHeaders(sorted: SignableRequest['headers']): string {
  return sorted.map(([name]) => name).join(';');
}

/** Fields by name, the order in which they are signed. */
export function sortHeaders(headers: SignableRequest['headers']): SignableRequest['headers'] {
  return headers.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What of a request is hashed: SigV4, "Create a canonical request". The fields must be sorted. */
export function canonicalRequest({
  headers,
  method,
  path,
  payloadHash,
  query,
}: SignableRequest): string {
  const fields = headers.map(([name, value]) => `${name}:${value}\n`).join('');
  return `${method}\n${path}\n${query}\n${fields}\n${signedHeaders(headers)}\n${payloadHash}`;
}

/** What stands before the hash of the request in the text that is signed. */
export function stringToSignPrefix(amzDate: string, scope: string): string {
  return `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n`;
}
