import type { Answer } from '../../http/answer.ts';
import {
  type Checksum,
  CHECKSUM_ALGORITHMS,
  checksumElement,
  checksumHeader,
} from '../../payload/checksum.ts';
import { Refusal } from '../../refusal/refusal.ts';
import {
  multipartChecksum,
  multipartEtag,
  type MultipartUpload,
  type Part,
} from '../../storage/multipart-upload.ts';
import { storedObject } from '../../storage/stored-object.ts';
import { S3_NAMESPACE, xmlAnswer } from '../../xml/xml-answer.ts';
import { childText, readXml, type XmlElement } from '../../xml/xml-reader.ts';
import { element } from '../../xml/xml-writer.ts';
import { checkWriteConditions } from '../conditions.ts';
import { type OperationContext, versionHeader } from '../operation.ts';
import { findUpload } from './find-upload.ts';

/** CompleteMultipartUpload: makes an object of the parts that the body lists. */
export function completeMultipartUpload(context: OperationContext): Answer {
  const { nowMs, payload, request, settings, storage } = context;
  const bucket = storage.bucket(request.bucket);
  const upload = findUpload(bucket, request);
  checkWriteConditions(request.headers, bucket.get(request.key));
  const document = readXml(payload.data.toString());
  const listed = document.children.filter(({ name }) => name === 'Part');
  if (document.name !== 'CompleteMultipartUpload' || listed.length === 0) {
    throw new Refusal('MalformedXML');
  }
  const parts = chosenParts(upload, listed);
  checkPartSizes(parts, settings.minPartBytes);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const kept = parts.every(({ body }) => body !== undefined);
  const checksum = multipartChecksum(upload, parts);
  checkDeclared(request.headers, checksum);
  const object = storedObject({
    length,
    body: kept ? parts.flatMap(({ body }) => body ?? []) : undefined,
    etag: multipartEtag(parts, length),
    modifiedMs: nowMs,
    checksum,
    metadata: upload.metadata,
  });
  const version = versionHeader(bucket.put(request.key, object));
  bucket.uploads.delete(upload.id);
  const sum =
    checksum === undefined
      ? ''
      : element(checksumElement(checksum.algorithm), checksum.value) +
        element('ChecksumType', checksum.type);
  return xmlAnswer(
    `<CompleteMultipartUploadResult ${S3_NAMESPACE}>` +
      element('Location', `/${request.bucket}/${request.key}`) +
      element('Bucket', request.bucket) +
      element('Key', request.key) +
      `${element('ETag', object.etag)}${sum}</CompleteMultipartUploadResult>`,
    { headers: version },
  );
}

/** The parts that the body lists, which must be there as listed and in ascending order. */
function chosenParts(upload: MultipartUpload, listed: readonly XmlElement[]): Part[] {
  let previous = 0;
  return listed.map((each) => {
    const number = Number(childText(each, 'PartNumber'));
    if (!(number > previous)) throw new Refusal('InvalidPartOrder');
    previous = number;
    checkNamed(upload, each, number);
    const part = upload.parts.get(number);
    const etag = childText(each, 'ETag')?.replaceAll('"', '');
    if (part?.etag !== `"${etag ?? ''}"` || !agrees(part, each)) {
      throw new Refusal('InvalidPart', { details: { PartNumber: String(number) } });
    }
    return part;
  });
}

/** The checksum of the whole may be one of the checksums of the parts: then each has to be named again. */
function checkNamed({ checksum }: MultipartUpload, listed: XmlElement, number: number): void {
  if (checksum?.type !== 'COMPOSITE') return;
  if (childText(listed, checksumElement(checksum.algorithm)) !== undefined) return;
  throw new Refusal('InvalidRequest', {
    message:
      `The upload was created using a ${checksum.algorithm} checksum. The complete request must include the ` +
      `checksum for each part. It was missing for part ${number} in the request.`,
  });
}

/** Whether the checksums listed for a part are those that it came with. */
function agrees({ checksum }: Part, listed: XmlElement): boolean {
  return CHECKSUM_ALGORITHMS.every((algorithm) => {
    const value = childText(listed, checksumElement(algorithm));
    return value === undefined || checksum?.algorithm !== algorithm || checksum.value === value;
  });
}

function checkPartSizes(parts: readonly Part[], minPartBytes: number): void {
  for (const { length, number } of parts.slice(0, -1)) {
    if (length >= minPartBytes) continue;
    throw new Refusal('EntityTooSmall', {
      details: {
        ProposedSize: String(length),
        MinSizeAllowed: String(minPartBytes),
        PartNumber: String(number),
      },
    });
  }
}

/** Refuses when the client has announced another checksum of the whole. */
function checkDeclared(headers: ReadonlyMap<string, string>, checksum: Checksum | undefined): void {
  if (checksum === undefined) return;
  const declared = headers.get(checksumHeader(checksum.algorithm));
  if (declared !== undefined && declared !== checksum.value) throw new Refusal('BadDigest');
}
