import type { Answer } from '../../http/answer.ts';
import { checksumElement } from '../../payload/checksum.ts';
import type { Part } from '../../storage/multipart-upload.ts';
import { S3_NAMESPACE, xmlAnswer } from '../../xml/xml-answer.ts';
import { element } from '../../xml/xml-writer.ts';
import type { OperationContext } from '../operation.ts';
import { pageLimit } from '../page-limit.ts';
import { findUpload } from './find-upload.ts';

/** ListParts, by number. */
export function listParts({ request, storage }: OperationContext): Answer {
  const { bucket, key, query } = request;
  const upload = findUpload(storage.bucket(bucket), request);
  const marker = Number(query.get('part-number-marker') ?? 0);
  const maxParts = pageLimit(query, 'max-parts');
  const rest = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .sort((a, b) => a.number - b.number);
  const page = rest.slice(0, maxParts);
  const truncated = rest.length > page.length;
  return xmlAnswer(
    `<ListPartsResult ${S3_NAMESPACE}>` +
      element('Bucket', bucket) +
      element('Key', key) +
      element('UploadId', upload.id) +
      element('PartNumberMarker', marker) +
      (truncated ? element('NextPartNumberMarker', page.at(-1)?.number ?? marker) : '') +
      element('MaxParts', maxParts) +
      element('IsTruncated', truncated) +
      `${page.map(partElement).join('')}</ListPartsResult>`,
  );
}

function partElement({ checksum, etag, length, modifiedMs, number }: Part): string {
  return (
    `<Part>${element('PartNumber', number)}` +
    element('LastModified', new Date(modifiedMs).toISOString()) +
    element('ETag', etag) +
    (checksum === undefined ? '' : element(checksumElement(checksum.algorithm), checksum.value)) +
    `${element('Size', length)}</Part>`
  );
}
