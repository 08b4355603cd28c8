/** Checksums that S3 can be sent behind a body. */
export type ChecksumAlgorithm = 'crc32c' | 'crc64nvme' | 'sha256';

/** A checksum over pieces. */
export interface Checksum {
  update(piece: Uint8Array): void;
  /** In base64, as S3 wants it. */
  digest(): string;
}

/** Length of a digest in base64. */
export const DIGEST_CHARACTERS = { crc32c: 8, crc64nvme: 12, sha256: 44 } as const;
