import { hash } from 'node:crypto';
import type { Body } from '../http/body.ts';
import { type Checksum, type ChecksumAlgorithm, computeChecksum } from '../payload/checksum.ts';
import { opaqueEtag } from './stored-object.ts';

/** A multipart upload that is not complete. */
export interface MultipartUpload {
  readonly id: string;
  readonly key: string;
  readonly startedMs: number;
  readonly metadata: string;
  /** What the client has chosen for the whole object. */
  readonly checksum:
    { readonly algorithm: ChecksumAlgorithm; readonly type: Checksum['type'] } | undefined;
  readonly parts: Map<number, Part>;
}

export interface Part {
  readonly number: number;
  readonly length: number;
  /** Undefined where only the length is kept. */
  readonly body: Body | undefined;
  /** With its quotes. */
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  readonly modifiedMs: number;
}

/** The ETag of an object made of parts: the MD5 of their MD5s, a dash, and their number. */
export function multipartEtag(parts: readonly Part[], length: number): string {
  if (parts.some(({ body }) => body === undefined)) return opaqueEtag(length);
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag.slice(1, -1), 'hex')));
  return `"${hash('md5', digests, 'hex')}-${parts.length}"`;
}

/** The checksum of an object made of parts, in the way its upload has chosen. */
export function multipartChecksum(
  { checksum }: MultipartUpload,
  parts: readonly Part[],
): Checksum | undefined {
  if (checksum === undefined || parts.some(({ body }) => body === undefined)) return undefined;
  const { algorithm, type } = checksum;
  if (type === 'FULL_OBJECT') {
    const body = parts.flatMap((part) => part.body ?? []);
    return { algorithm, type, value: computeChecksum(algorithm, body) };
  }
  const sums = parts.map((part) => {
    const given = part.checksum?.algorithm === algorithm ? part.checksum.value : undefined;
    return Buffer.from(given ?? computeChecksum(algorithm, part.body ?? []), 'base64');
  });
  const value = `${computeChecksum(algorithm, [Buffer.concat(sums)])}-${parts.length}`;
  return { algorithm, type, value };
}
