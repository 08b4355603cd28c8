import { BenchError } from '@sai3bench/errors';

/**
 * A whole number from what a person writes, with `,`, `_` or blanks as thousands separators
 * (`64000`, `64,000`, `64_000`, `64 000`).
 *
 * @throws BenchError `UNIT_COUNT` when the text is not a whole number of at least 0
 */
export function parseCount(value: string | number): number {
  const count =
    typeof value === 'number'
      ? value
      : /^\s*\d[\d,_ ]*$/.test(value)
        ? Number(value.replaceAll(/[,_ ]/g, ''))
        : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new BenchError(`"${String(value)}" is not a whole number`, {
      code: 'UNIT_COUNT',
      class: 'config',
      hint: 'write digits, with , or _ between thousands if you like: 64000, 64,000, 64_000',
    });
  }
  return count;
}
