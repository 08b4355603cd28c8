/** What stays as it is in a path: the unreserved characters of RFC 3986 section 2.3, and the slash. */
const PLAIN = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/') {
  PLAIN[character.charCodeAt(0)] = 1;
}

/**
 * A key as it stands in the path of a request, which is also how it is signed: S3 encodes once and does not normalise
 * (SigV4 for S3, "Create a canonical request"). Half a surrogate pair becomes U+FFFD, as in any UTF-8 text.
 */
export function encodePath(key: string): string {
  for (let i = 0; i < key.length; i++) {
    // Anything beyond ASCII is undefined in the table.
    if (PLAIN[key.charCodeAt(i)] !== 1) return encodeSlowly(key);
  }
  return key;
}

function encodeSlowly(key: string): string {
  return key.split('/').map(encodeQueryPart).join('/');
}

/** A name or a value in a query: everything but the unreserved characters is encoded, also the slash. */
function encodeQueryPart(text: string): string {
  // encodeURIComponent leaves !'()* alone, which SigV4 wants encoded.
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A query string as it is signed: encoded, and sorted by name, then by value; without the question mark. */
export function canonicalQuery(parameters: readonly (readonly [string, string])[]): string {
  return parameters
    .map(([name, value]) => [encodeQueryPart(name), encodeQueryPart(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
