/**
 * The order of keys in a listing: that of their UTF-8 bytes (S3 API reference, "ListObjectsV2"). UTF-16 code units
 * order the same way, except that surrogates, which stand for what is beyond U+FFFF, come before U+E000.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
