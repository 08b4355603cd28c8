import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Body } from '../http/body.ts';
import { crc32c } from './crc32c.ts';
import { crc64nvme } from './crc64nvme.ts';

/** Checksums of objects (Amazon S3 user guide, "Checking object integrity"), by the ending of their header. */
const ALGORITHMS = {
  crc32: { element: 'ChecksumCRC32', compute: (body: Body) => chained(body, crc32) },
  crc32c: { element: 'ChecksumCRC32C', compute: (body: Body) => chained(body, crc32c) },
  crc64nvme: { element: 'ChecksumCRC64NVME', compute: (body: Body) => crc64nvme(body) },
  sha1: { element: 'ChecksumSHA1', compute: (body: Body) => digest(body, 'sha1') },
  sha256: { element: 'ChecksumSHA256', compute: (body: Body) => digest(body, 'sha256') },
} as const;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

export const CHECKSUM_ALGORITHMS = Object.keys(ALGORITHMS) as readonly ChecksumAlgorithm[];

/** A checksum that an object or a part has. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64; of a composite checksum with `-` and the number of parts. */
  readonly value: string;
  /** Of the bytes, or of the checksums of the parts. */
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** `x-amz-checksum-crc32c` */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm}`;
}

/** `ChecksumCRC32C` */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return ALGORITHMS[algorithm].element;
}

/** The checksum of bytes, in base64. */
export function computeChecksum(algorithm: ChecksumAlgorithm, body: Body): string {
  return ALGORITHMS[algorithm].compute(body).toString('base64');
}

/** `CRC32C` as it stands in a header; undefined for what is no algorithm. */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm | undefined {
  const lower = text.toLowerCase();
  return CHECKSUM_ALGORITHMS.find((each) => each === lower);
}

function chained(body: Body, add: (piece: Buffer, before: number) => number): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(body.reduce((before, piece) => add(piece, before), 0));
  return sum;
}

function digest(body: Body, algorithm: string): Buffer {
  const hash = createHash(algorithm);
  for (const piece of body) hash.update(piece);
  return hash.digest();
}
