/** A request target in its parts (RFC 9112 section 3.2), still encoded. */
export interface RequestTarget {
  /** `/bucket/a%20key` */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

/** Splits a target. The absolute form `http://host/path?query` is taken too (RFC 9112 section 3.2.2). */
export function splitTarget(target: string): RequestTarget {
  const origin = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  const mark = origin.indexOf('?');
  const path = mark < 0 ? origin : origin.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark < 0 ? '' : origin.slice(mark + 1) };
}

/** The parameters of a query, decoded; a plus is a blank. @throws URIError on broken escapes */
export function parseQuery(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  if (query === '') return parameters;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    parameters.set(
      decodeQueryPart(name),
      equals < 0 ? '' : decodeQueryPart(part.slice(equals + 1)),
    );
  }
  return parameters;
}

function decodeQueryPart(text: string): string {
  return /[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;

/** Percent-encodes all but letters, digits and `-._~` (AWS SigV4, "UriEncode"). */
export function encodeUri(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same, for a path: slashes stay. */
export function encodePath(path: string): string {
  return UNRESERVED_PATH.test(path) ? path : encodeUri(path).replaceAll('%2F', '/');
}

const UNRESERVED_PATH = /^[A-Za-z0-9\-._~/]*$/;
