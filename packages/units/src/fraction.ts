import { BenchError } from '@sai3bench/errors';

/**
 * A part of a whole, 0 to 1, from what a person writes: a percentage (`10%`) or a fraction (`0.1`).
 *
 * @throws BenchError `UNIT_FRACTION` when it is neither
 */
export function parseFraction(value: string | number): number {
  const text = String(value).trim();
  const isPercentage = /^\d+(\.\d+)?\s*%$/.test(text);
  const isFraction = /^(\d+(\.\d*)?|\.\d+)(e-?\d+)?$/i.test(text);
  const fraction = isPercentage
    ? Number(text.slice(0, -1)) / 100
    : isFraction
      ? Number(text)
      : Number.NaN;
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new BenchError(`"${String(value)}" is not a part of a whole`, {
      code: 'UNIT_FRACTION',
      class: 'config',
      hint: 'write a percentage or a fraction, up to 100% or 1: 10%, 0.1',
    });
  }
  return fraction;
}
