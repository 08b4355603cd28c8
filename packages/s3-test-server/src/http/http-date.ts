let cachedSecond = -1;
let cachedText = '';

/** A time as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7); the last answer is kept for its second. */
export function httpDate(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1000).toUTCString();
  }
  return cachedText;
}
