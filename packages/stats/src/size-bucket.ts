/** Labels of the object size buckets, by bucket index. */
export const SIZE_BUCKET_LABELS = [
  'zero',
  '1B-8KiB',
  '8KiB-64KiB',
  '64KiB-512KiB',
  '512KiB-4MiB',
  '4MiB-32MiB',
  '32MiB-256MiB',
  '256MiB-2GiB',
  '>2GiB',
] as const;

export const SIZE_BUCKET_COUNT = SIZE_BUCKET_LABELS.length;

/** Upper bound in bytes, inclusive, of every bucket but the last. Each is eight times the one before. */
const UPPER_BOUNDS = [0, 8192, 65536, 524288, 4194304, 33554432, 268435456, 2147483648] as const;

/** The bucket that an object of `sizeBytes` belongs to, 0 to 8. Upper bounds are inclusive. */
export function sizeBucketOf(sizeBytes: number): number {
  let bucket = 0;
  while (bucket < UPPER_BOUNDS.length && sizeBytes > (UPPER_BOUNDS[bucket] ?? 0)) bucket++;
  return bucket;
}
