import { describe, expect, it } from '@jest/globals';
import { rangeError } from './content-range.ts';

const RANGE = { offsetBytes: 10, lengthBytes: 5 };

describe('rangeError()', () => {
  it.each([
    ['bytes 10-14/100', 5],
    ['bytes 10-14/*', 5],
    ['bytes 10-12/13', 3],
  ])('is content with %s and %d bytes', (answered, received) => {
    expect(rangeError('key', RANGE, answered, received)).toBeUndefined();
  });

  it.each([
    [undefined, 100],
    ['bytes 0-99/100', 100],
    ['bytes 10-99/100', 90],
    ['bytes 10-14/100', 90],
    ['bytes 10-12/100', 3],
    ['bytes 9-13/100', 5],
    ['bytes */100', 0],
    ['lines 10-14/100', 5],
  ])('is not content with %s and %d bytes', (answered, received) => {
    expect(rangeError('key', RANGE, answered, received)).toMatchObject({
      class: 'integrity',
      code: 'S3_WRONG_RANGE',
    });
  });
});
