import type { Answer } from '../../http/answer.ts';
import { type Checksum, parseChecksumAlgorithm } from '../../payload/checksum.ts';
import { Refusal } from '../../refusal/refusal.ts';
import type { MultipartUpload } from '../../storage/multipart-upload.ts';
import { metadataOf } from '../../storage/stored-object.ts';
import { S3_NAMESPACE, xmlAnswer } from '../../xml/xml-answer.ts';
import { element } from '../../xml/xml-writer.ts';
import type { OperationContext } from '../operation.ts';

/** CreateMultipartUpload. */
export function createMultipartUpload(context: OperationContext): Answer {
  const { nextId, nowMs, request, storage } = context;
  const { headers, key } = request;
  const bucket = storage.bucket(request.bucket);
  const checksum = chosenChecksum(headers);
  // In the order of their creation also as text.
  const id = `upload-${nextId().toString(36).padStart(8, '0')}-${nowMs.toString(36)}`;
  bucket.uploads.set(id, {
    id,
    key,
    startedMs: nowMs,
    metadata: metadataOf(headers),
    checksum,
    parts: new Map(),
  });
  const chosen =
    checksum === undefined
      ? ''
      : `x-amz-checksum-algorithm: ${checksum.algorithm.toUpperCase()}\r\n` +
        `x-amz-checksum-type: ${checksum.type}\r\n`;
  return xmlAnswer(
    `<InitiateMultipartUploadResult ${S3_NAMESPACE}>` +
      `${element('Bucket', request.bucket)}${element('Key', key)}${element('UploadId', id)}` +
      '</InitiateMultipartUploadResult>',
    { headers: chosen },
  );
}

function chosenChecksum(headers: ReadonlyMap<string, string>): MultipartUpload['checksum'] {
  const name = headers.get('x-amz-checksum-algorithm');
  if (name === undefined) return undefined;
  const algorithm = parseChecksumAlgorithm(name);
  if (algorithm === undefined) throw new Refusal('InvalidRequest');
  // CRC-64 is always of the whole object; the others are unless asked not of the whole (S3 user guide).
  const type: Checksum['type'] =
    algorithm === 'crc64nvme' || headers.get('x-amz-checksum-type') === 'FULL_OBJECT'
      ? 'FULL_OBJECT'
      : 'COMPOSITE';
  return { algorithm, type };
}
