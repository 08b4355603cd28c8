import { isIP } from 'node:net';
import type { S3Target } from './s3-target.ts';
import { canonicalQuery, encodePath } from './sigv4/uri-encode.ts';

/** Where a single request was sent on to. */
export interface RedirectTarget {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** The Host field. */
  readonly host: string;
  /** Encoded. */
  readonly path: string;
  /** Canonical; empty when the Location has none. */
  readonly query: string;
}

/**
 * Where the Location of a 307 leads. Requests carry signatures and session tokens, so nothing is followed that leads out of the
 * domain of the configured endpoint, or from https to http: undefined then, and when the Location cannot be read.
 *
 * @param domain the endpoint's own name, which hosts that are followed have or end with
 */
export function redirectTarget(
  from: Pick<S3Target, 'secure' | 'hostname' | 'port'>,
  domain: string,
  location: string,
): RedirectTarget | undefined {
  if (!URL.canParse(location)) return undefined;
  const url = new URL(location);
  const secure = url.protocol === 'https:';
  if (!secure && (url.protocol !== 'http:' || from.secure)) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.hostname !== domain && !isBelow(url.hostname, domain)) return undefined;
  const path = decoded(url.pathname);
  if (path === undefined) return undefined;
  return {
    secure,
    hostname: url.hostname,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    path: encodePath(path),
    query: canonicalQuery([...url.searchParams]),
  };
}

/** A number has no names below it. */
function isBelow(hostname: string, domain: string): boolean {
  return isIP(domain) === 0 && hostname.endsWith(`.${domain}`);
}

/** Undefined for what is not well encoded: nobody can be sent there. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
