import { describe, expect, it } from '@jest/globals';
import { DIGEST_CHARACTERS } from './checksum.ts';
import { createChecksum } from './create-checksum.ts';

describe('createChecksum()', () => {
  // Check values of "123456789" from the catalogue of parametrised CRC algorithms; of sha256 from Python's hashlib.
  it.each([
    ['crc32c', Buffer.from('e3069283', 'hex').toString('base64')],
    ['crc64nvme', Buffer.from('ae8b14860a799888', 'hex').toString('base64')],
    ['sha256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
  ] as const)('%s', (algorithm, expected) => {
    const whole = createChecksum(algorithm);
    whole.update(Buffer.from('123456789'));
    const digest = whole.digest();
    expect(digest).toBe(expected);
    expect(digest).toHaveLength(DIGEST_CHARACTERS[algorithm]);
    const pieces = createChecksum(algorithm);
    for (const piece of ['1', '2345678', '', '9']) pieces.update(Buffer.from(piece));
    expect(pieces.digest()).toBe(digest);
  });

  it('does not depend on how long bytes are split', () => {
    const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => (i * 7919) & 0xff));
    for (const algorithm of ['crc32c', 'crc64nvme'] as const) {
      const whole = createChecksum(algorithm);
      whole.update(bytes);
      const split = createChecksum(algorithm);
      for (let at = 0; at < bytes.length; at += 13) split.update(bytes.subarray(at, at + 13));
      expect(split.digest()).toBe(whole.digest());
    }
  });
});
