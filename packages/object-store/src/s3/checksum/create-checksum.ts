import { createHash } from 'node:crypto';
import type { Checksum, ChecksumAlgorithm } from './checksum.ts';
import { Crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64-nvme.ts';

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'crc32c':
      return new Crc32c();
    case 'crc64nvme':
      return new Crc64Nvme();
    case 'sha256': {
      const sha256 = createHash('sha256');
      return {
        update: (piece) => void sha256.update(piece),
        digest: () => sha256.digest('base64'),
      };
    }
  }
}
