const ZEROS = '00000000';

/** A number with at least eight digits, as object names have it; larger numbers just get longer. */
export function paddedNumber(value: number): string {
  const digits = String(value);
  return digits.length >= ZEROS.length ? digits : ZEROS.slice(digits.length) + digits;
}
