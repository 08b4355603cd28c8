import { describe, expect, it } from '@jest/globals';
import { s3 } from './s3.ts';

/** What is wrong with the `multipart` of a file. */
function problemsOf(multipart: object): string[] {
  const result = s3.safeParse({ multipart });
  return result.success ? [] : result.error.issues.map(({ message }) => message);
}

describe('s3.multipart', () => {
  it('has defaults with which S3 takes every object', () => {
    expect(s3.parse({ multipart: {} }).multipart).toEqual({
      threshold: 5 * 1024 ** 3,
      part_size: 64 * 1024 ** 2,
      parallel: 4,
    });
  });

  it.each([
    [{ part_size: '4MiB' }, 'must be from 5MiB to 5GiB, which are the bounds of S3'],
    [{ part_size: '6GiB' }, 'must be from 5MiB to 5GiB, which are the bounds of S3'],
    [{ part_size: 5 * 1024 ** 2 + 1 }, 'must be a multiple of 4KiB'],
    [{ threshold: 0 }, 'must be at least 1 byte'],
    [{ parallel: 65 }, 'must not be more than 64'],
  ])('refuses %j', (multipart, message) => {
    expect(problemsOf(multipart)).toEqual([message]);
  });
});
