import { hash } from 'node:crypto';
import { type Body, NO_BODY, zeroBody } from '../http/body.ts';
import { httpDate } from '../http/http-date.ts';
import { type Checksum, checksumHeader } from '../payload/checksum.ts';

/** An object as it is kept. */
export interface StoredObject {
  readonly length: number;
  /** Undefined where only the length is kept: zeros are served. */
  readonly body: Body | undefined;
  /** With its quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly checksum: Checksum | undefined;
  /** Content-Type and the other fields that a GET gives back, each line ended by CRLF. */
  readonly metadata: string;
  /** All header lines of a GET of the whole object except checksums, made once. */
  readonly headers: string;
}

export interface NewObject {
  readonly length: number;
  readonly body: Body | undefined;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly checksum: Checksum | undefined;
  readonly metadata: string;
}

export function storedObject(object: NewObject): StoredObject {
  const headers =
    `Last-Modified: ${httpDate(object.modifiedMs)}\r\nETag: ${object.etag}\r\n` +
    `Accept-Ranges: bytes\r\n${object.metadata}`;
  return { ...object, headers };
}

/** The bytes of an object. */
export function objectBody({ body, length }: StoredObject): Body {
  if (body !== undefined) return body;
  return length === 0 ? NO_BODY : zeroBody(length);
}

/** The header lines that tell an object's checksum. */
export function checksumHeaders(checksum: Checksum | undefined): string {
  if (checksum === undefined) return '';
  return (
    `${checksumHeader(checksum.algorithm)}: ${checksum.value}\r\n` +
    `x-amz-checksum-type: ${checksum.type}\r\n`
  );
}

/** Header fields of a PUT that a GET gives back (S3 API reference, "PutObject"). */
const KEPT_FIELDS = ['cache-control', 'content-disposition', 'content-language', 'expires'];

/** The header lines that a GET gives back, from the headers of the PUT. */
export function metadataOf(headers: ReadonlyMap<string, string>): string {
  let lines = `Content-Type: ${headers.get('content-type') ?? 'binary/octet-stream'}\r\n`;
  for (const name of KEPT_FIELDS) {
    const value = headers.get(name);
    if (value !== undefined) lines += `${name}: ${value}\r\n`;
  }
  // The coding of the transfer is not one of the object.
  const coding = headers.get('content-encoding')?.replace(/\s*aws-chunked\s*,?\s*/, '');
  if (coding !== undefined && coding !== '') lines += `content-encoding: ${coding}\r\n`;
  for (const [name, value] of headers) {
    if (name.startsWith('x-amz-meta-')) lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** The ETag of an object that was written in one piece: its MD5. */
export function md5Etag(body: Buffer): string {
  return `"${hash('md5', body, 'hex')}"`;
}

let opaqueEtags = 0;

/** An ETag that says nothing of the content, and by its dash does not look as if it did. */
export function opaqueEtag(length: number): string {
  return `"${length.toString(16)}-${(++opaqueEtags).toString(16)}"`;
}
