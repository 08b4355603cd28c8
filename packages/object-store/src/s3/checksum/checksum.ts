import { createHash } from 'node:crypto';
import { Crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64-nvme.ts';

/** Checksums that S3 can be sent behind a body. */
export const CHECKSUM_ALGORITHMS = ['crc32c', 'crc64nvme', 'sha256'] as const;

export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** A checksum over pieces. */
export interface Checksum {
  update(piece: Uint8Array): void;
  /** In base64, as S3 wants it. */
  digest(): string;
}

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

/** Length of a digest in base64. */
export const DIGEST_CHARACTERS = { crc32c: 8, crc64nvme: 12, sha256: 44 } as const;
