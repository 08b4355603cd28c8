import { BenchError } from '@sai3bench/errors';

const KIB = 1024;
const KB = 1000;

/** Factors by suffix, in lower case. Powers of 1000 without an `i`, powers of 1024 with it. */
const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: KB,
  kb: KB,
  m: KB ** 2,
  mb: KB ** 2,
  g: KB ** 3,
  gb: KB ** 3,
  t: KB ** 4,
  tb: KB ** 4,
  ki: KIB,
  kib: KIB,
  mi: KIB ** 2,
  mib: KIB ** 2,
  gi: KIB ** 3,
  gib: KIB ** 3,
  ti: KIB ** 4,
  tib: KIB ** 4,
};

/**
 * A number of bytes from what a person writes: an integer, or a number with a suffix
 * (`4096`, `1_048_576`, `64KiB`, `1.5 GB`). `K KB M MB G GB T TB` are powers of 1000;
 * `Ki KiB Mi MiB Gi GiB Ti TiB` are powers of 1024; case does not matter.
 *
 * @returns bytes, a whole number of at least 0
 * @throws BenchError `UNIT_BYTE_SIZE` when the text is not a size
 */
export function parseByteSize(value: string | number): number {
  if (typeof value === 'number') return wholeBytes(value, String(value));
  const match = /^\s*(\d[\d_,]*(?:\.\d+)?|\.\d+)\s*([a-z]*)\s*$/i.exec(value);
  const factor = FACTORS[match?.[2]?.toLowerCase() ?? 'no suffix'];
  if (match?.[1] === undefined || factor === undefined) throw invalid(value);
  return wholeBytes(Math.round(Number(match[1].replaceAll(/[_,]/g, '')) * factor), value);
}

function wholeBytes(bytes: number, text: string): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw invalid(text);
  return bytes;
}

function invalid(text: string): BenchError {
  return new BenchError(`"${text}" is not a size in bytes`, {
    code: 'UNIT_BYTE_SIZE',
    class: 'config',
    hint: 'write a whole number of bytes, or a number with a unit: 4096, 64KiB, 1.5GB',
  });
}
