import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { computeChecksum } from './checksum.ts';
import { crc32c } from './crc32c.ts';
import { crc64nvme } from './crc64nvme.ts';

const CHECK = Buffer.from('123456789');

describe('checksums', () => {
  // The check values of the catalogue of CRC algorithms, and of RFC 3720 appendix B.4.
  it('give the published values', () => {
    expect(crc32c(CHECK).toString(16)).toBe('e3069283');
    expect(crc64nvme([CHECK]).toString('hex')).toBe('ae8b14860a799888');
    expect(crc32c(Buffer.alloc(32)).toString(16)).toBe('8a9136aa');
    expect(crc32c(Buffer.alloc(32, 0xff)).toString(16)).toBe('62a8ab43');
    expect(computeChecksum('crc32', [CHECK])).toBe(
      Buffer.from('cbf43926', 'hex').toString('base64'),
    );
  });

  it.each(['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const)(
    'with %s are the same for a body in pieces',
    (algorithm) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
          const body = Buffer.from(bytes);
          const pieces = [body.subarray(0, cut), body.subarray(cut)];
          expect(computeChecksum(algorithm, pieces)).toBe(computeChecksum(algorithm, [body]));
        }),
      );
    },
  );
});
