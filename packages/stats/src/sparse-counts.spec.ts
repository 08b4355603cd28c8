import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUCKET_COUNT } from './latency-buckets.ts';
import { SparseCountsReader, SparseCountsWriter } from './sparse-counts.ts';

const bucketCounts = fc
  .uniqueArray(
    fc.tuple(
      fc.integer({ min: 0, max: BUCKET_COUNT - 1 }),
      fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 52 })),
    ),
    { selector: ([bucket]) => bucket, maxLength: 600 },
  )
  .map((list) => list.toSorted(([a], [b]) => a - b));

/** The same one for all lists, as it is used. */
const reader = new SparseCountsReader();

function encode(list: readonly (readonly [number, number])[]): Uint8Array {
  const writer = new SparseCountsWriter();
  for (const [bucket, count] of list) writer.push(bucket, count);
  return writer.take();
}

function decode(encoded: Uint8Array): [number, number][] {
  return decodeAll([encoded])[0] ?? [];
}

function decodeAll(lists: readonly Uint8Array[]): [number, number][][] {
  let begin = 0;
  return reader.read(lists).map((end) => {
    const counts = reader.counts.subarray(begin, end);
    const buckets = reader.buckets.subarray(begin, end);
    begin = end;
    return Array.from(counts, (count, index) => [buckets[index] ?? -1, count]);
  });
}

describe('sparse counts', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(bucketCounts, (list) => {
        expect(decode(encode(list))).toEqual(list);
      }),
    );
  });

  it('come back from several lists at once, however long they are together', () => {
    fc.assert(
      fc.property(fc.array(bucketCounts, { maxLength: 40 }), (lists) => {
        expect(decodeAll(lists.map(encode))).toEqual(lists);
      }),
      { numRuns: 30 },
    );
    const full = Array.from({ length: BUCKET_COUNT }, (_, bucket): [number, number] => [bucket, 1]);
    expect(decodeAll([encode(full), encode(full)])).toEqual([full, full]);
  });

  it('have the documented bytes', () => {
    expect([
      ...encode([
        [3, 5],
        [4, 1],
        [200, 7],
      ]),
    ]).toEqual([4, 5, 1, 1, 196, 1, 7]);
  });

  it('are refused when truncated inside a pair', () => {
    const encoded = encode([
      [3, 5],
      [20_000, 70_000],
    ]);
    expect(() => decode(encoded.subarray(0, encoded.length - 1))).toThrow(
      expect.objectContaining({ code: 'STATS_MALFORMED' }),
    );
  });

  it('either decode to valid buckets or are refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          for (const [bucket, count] of decode(bytes)) {
            expect(bucket).toBeLessThan(BUCKET_COUNT);
            expect(count).toBeGreaterThan(0);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'STATS_MALFORMED' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
