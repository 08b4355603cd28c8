import { BenchError } from '@sai3bench/errors';
import type { ByteRange } from '../store-request.ts';

/**
 * The error of an answer that is not the part of the object that was asked for: servers that do not know ranges answer
 * with the whole object, and some that do err.
 *
 * @param answered the field Content-Range
 * @param received bytes of the body
 */
export function rangeError(
  key: string,
  range: ByteRange,
  answered: string | undefined,
  received: number,
): BenchError | undefined {
  const [, first = '', last = '', total = ''] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answered ?? '') ?? [];
  const end = range.offsetBytes + range.lengthBytes;
  const wanted = total === '*' ? end : Math.min(end, Number(total));
  const isPart = Number(first) === range.offsetBytes && Number(last) + 1 === wanted;
  if (first !== '' && isPart && received === wanted - range.offsetBytes) return undefined;
  return new BenchError(
    `GET ${key} asked for bytes ${String(range.offsetBytes)}-${String(end - 1)}, but the answer is ` +
      `${answered ?? 'the whole object'}, with ${String(received)} bytes`,
    { code: 'S3_WRONG_RANGE', class: 'integrity', key, retryable: false },
  );
}
