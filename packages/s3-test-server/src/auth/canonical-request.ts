import { encodePath, encodeUri, splitTarget } from '../http/request-target.ts';
import { Refusal } from '../refusal/refusal.ts';

/** The parts of a request that a signature covers. */
export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * The canonical form of a request, as latin1 text (AWS SigV4, "Create a canonical request"). S3 decodes path and query
 * as it received them and encodes them again, so a client that encodes wrongly signs something else than it asks for.
 */
export function canonicalRequest(
  request: SignedRequest,
  signedHeaders: string,
  payload: string,
): string {
  const { path, query } = splitTarget(request.target);
  return (
    `${request.method}\n${encodePath(path.includes('%') ? decodeURIComponent(path) : path)}\n` +
    `${query === '' ? '' : canonicalQuery(query)}\n` +
    `${canonicalHeaders(request.headers, signedHeaders)}\n${signedHeaders}\n${payload}`
  );
}

/** Parameters by encoded name, then by value; the signature itself is left out. */
function canonicalQuery(query: string): string {
  const pairs: (readonly [string, string])[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = recode(equals < 0 ? part : part.slice(0, equals));
    if (name === 'X-Amz-Signature') continue;
    pairs.push([name, equals < 0 ? '' : recode(part.slice(equals + 1))]);
  }
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function recode(text: string): string {
  return encodeUri(/[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
}

function canonicalHeaders(headers: ReadonlyMap<string, string>, signedHeaders: string): string {
  let lines = '';
  for (const name of signedHeaders.split(';')) {
    const value = headers.get(name) ?? '';
    lines += `${name}:${value.includes('  ') ? value.replace(/ +/g, ' ') : value}\n`;
  }
  return lines;
}

/** Refuses a request whose signature leaves out a header that it must cover: Host and every x-amz header. */
export function requireSignedHeaders(
  headers: ReadonlyMap<string, string>,
  signedHeaders: string,
): void {
  const signed = `;${signedHeaders};`;
  for (const name of headers.keys()) {
    const required = name === 'host' || name.startsWith('x-amz-');
    if (required && !signed.includes(`;${name};`)) {
      throw new Refusal('AccessDenied', {
        message: 'There were headers present in the request which were not signed',
        details: { HeadersNotSigned: name },
      });
    }
  }
}
