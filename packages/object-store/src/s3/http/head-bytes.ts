export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
/** Makes a letter a small one. */
export const LOWER = 0x20;

/** Whether a line is the field of this name, in small letters. */
export function isField(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  if (from + name.length >= to || bytes[from + name.length] !== COLON) return false;
  for (let i = 0; i < name.length; i++) {
    if (((bytes[from + i] ?? 0) | LOWER) !== name[i]) return false;
  }
  return true;
}

/** The first place that is neither a space nor a tabulator. */
export function skipSpaces(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === SP || bytes[at] === TAB)) at++;
  return at;
}

/** A number in decimal digits, perhaps with spaces behind it; -1 for anything else. */
export function decimal(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  let at = from;
  for (; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === from || value > Number.MAX_SAFE_INTEGER) return -1;
  return skipSpaces(bytes, at, to) === to ? value : -1;
}

/** A list of the same length again and again is that length (RFC 9110 section 8.6). */
export function repeatedLength(text: string): number {
  const parts = new Set(text.split(',').map((part) => part.trim()));
  const [only = ''] = parts;
  return parts.size === 1 && /^\d{1,15}$/.test(only) ? Number(only) : -1;
}

/** The value of a hexadecimal digit; -1 for anything else. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | LOWER;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Whether there is an empty line. */
export function hasHeadEnd(bytes: Buffer, from: number, to: number): boolean {
  let afterLine = false;
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF) {
      if (afterLine) return true;
      afterLine = true;
    } else if (bytes[at] !== CR) afterLine = false;
  }
  return false;
}
