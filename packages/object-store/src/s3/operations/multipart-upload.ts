import { BenchError } from '@sai3bench/errors';
import type { PayloadSource } from '../../store-request.ts';
import { headerField } from '../http/header-field.ts';
import { canonicalQuery } from '../sigv4/uri-encode.ts';
import { elementContents, elementText, encodeXml } from '../xml/xml-text.ts';
import { answerError } from '../answer-error.ts';
import { isChecksum, type PayloadProtection } from '../s3-options.ts';
import { callS3 } from './call-exchange.ts';
import type { S3Context } from './s3-context.ts';

/** A large object and how it is cut up. */
export interface MultipartPlan {
  readonly key: string;
  readonly sizeBytes: number;
  /** S3 wants at least 5 MiB, except for the last part, and at most 10 000 parts. */
  readonly partBytes: number;
  /** Parts under way at once. */
  readonly parallel: number;
  /**
   * The bytes of a part. Each part under way needs a source of its own, because its pieces stay in use while those of
   * other parts are made; offsets count from the beginning of the part.
   *
   * @param lane 0 to `parallel` - 1: no two parts under way have the same
   */
  payloadOf(partIndex: number, lane: number): PayloadSource;
}

/** When an upload took place, and what it waited for; what its later requests wait for is inside. */
export interface UploadTimes {
  /** Of the first request. */
  startNs: number;
  /** Of the last answer. */
  firstByteNs: number;
  connectNs: number;
  retries: number;
  retryNs: number;
}

/** What the server has said of a part. */
interface UploadedPart {
  readonly etag: string;
  /** Its checksum as an element of XML; empty when it has none. */
  readonly checksum: string;
}

/**
 * Uploads an object in parts. When one fails, or is cancelled, the upload is aborted, so that nothing is left to pay for.
 *
 * @param times filled in as it goes on
 */
export async function uploadMultipart(
  context: S3Context,
  plan: MultipartPlan,
  times: UploadTimes,
): Promise<void> {
  const { key } = plan;
  const call = {
    method: 'POST',
    operation: 'PUT',
    key,
    query: 'uploads=',
    headers: checksumChoice(context.payload),
  } as const;
  const created = await callS3(context, call, ({ connectNs, retries, retryNs, startNs }) => {
    Object.assign(times, { connectNs, retries, retryNs, startNs });
  });
  const uploadId = elementText(created.text, 'UploadId');
  if (uploadId === undefined) throw illegal(key, 'it names no upload');
  try {
    const parts = await uploadParts(context, plan, uploadId, times);
    await complete(context, key, uploadId, parts, times);
  } catch (error) {
    // What went wrong first is what counts; an upload that is left is found by `abortOrphans`.
    const aborted = abortUpload(context, key, uploadId).catch(() => undefined);
    // Who cancels does not wait for servers.
    const reason = BenchError.from(error);
    if (reason.class !== 'cancelled') await aborted;
    throw reason.code === 'S3_NoSuchUpload' ? uploadGone(key, reason) : reason;
  }
}

async function uploadParts(
  context: S3Context,
  plan: MultipartPlan,
  uploadId: string,
  times: UploadTimes,
): Promise<UploadedPart[]> {
  const { key, parallel, partBytes, sizeBytes } = plan;
  const count = Math.max(1, Math.ceil(sizeBytes / partBytes));
  const parts: UploadedPart[] = [];
  let next = 0;
  let failed = false;
  const work = async (lane: number): Promise<void> => {
    while (next < count && !failed) {
      const index = next++;
      const call = {
        method: 'PUT',
        operation: 'PUT',
        key,
        query: canonicalQuery([
          ['partNumber', String(index + 1)],
          ['uploadId', uploadId],
        ]),
        body: {
          source: plan.payloadOf(index, lane),
          sizeBytes: Math.min(partBytes, sizeBytes - index * partBytes),
        },
      } as const;
      try {
        const answer = await callS3(context, call, ({ retries }) => (times.retries += retries));
        const etag = headerField(answer.head, 'etag');
        if (etag === undefined) throw illegal(key, `part ${String(index + 1)} has no ETag`);
        parts[index] = { etag, checksum: checksumElement(context.payload, answer.head) };
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(parallel, count) }, (_, lane) => work(lane));
  const results = await Promise.allSettled(lanes);
  for (const result of results)
    if (result.status === 'rejected') throw BenchError.from(result.reason);
  return parts;
}

/** S3 refuses parts with a checksum of which the upload was not told. */
function checksumChoice(payload: PayloadProtection): readonly (readonly [string, string])[] {
  return isChecksum(payload) ? [['x-amz-checksum-algorithm', payload.toUpperCase()]] : [];
}

/** S3 wants to hear the checksum of each part again where that of the whole is made of them. */
function checksumElement(payload: PayloadProtection, head: string): string {
  if (!isChecksum(payload)) return '';
  const value = headerField(head, `x-amz-checksum-${payload}`);
  const name = `Checksum${payload.toUpperCase()}`;
  return value === undefined ? '' : `<${name}>${encodeXml(value)}</${name}>`;
}

async function complete(
  context: S3Context,
  key: string,
  uploadId: string,
  parts: readonly UploadedPart[],
  times: UploadTimes,
): Promise<void> {
  const listed = parts.map(
    ({ checksum, etag }, i) =>
      `<Part><PartNumber>${String(i + 1)}</PartNumber><ETag>${encodeXml(etag)}</ETag>${checksum}</Part>`,
  );
  const call = {
    method: 'POST',
    operation: 'PUT',
    key,
    query: canonicalQuery([['uploadId', uploadId]]),
    headers: [['content-type', 'application/xml']],
    document: Buffer.from(`<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`),
  } as const;
  const answer = await callS3(context, call, ({ retries }) => (times.retries += retries));
  times.firstByteNs = answer.firstByteNs;
  const [result] = elementContents(answer.text, 'CompleteMultipartUploadResult');
  if (result !== undefined) return;
  if (elementText(answer.text, 'Error') === undefined)
    throw illegal(key, 'it is no CompleteMultipartUploadResult');
  // S3 says 200 before it knows: the error is in the body (CompleteMultipartUpload, "Processing").
  const { bucket, endpoint, prefix } = context;
  const place = { bucket, endpoint, key: prefix + key };
  throw answerError('PUT', place, { status: 200, head: answer.head, body: answer.text });
}

/** Gives up an upload; its parts are deleted. */
export async function abortUpload(
  context: S3Context,
  key: string,
  uploadId: string,
): Promise<void> {
  const query = canonicalQuery([['uploadId', uploadId]]);
  // To whoever counts and reads errors, this belongs to the PUT.
  await callS3(context, { method: 'DELETE', operation: 'PUT', key, query });
}

/** An upload that the server does not know any more, though it has begun it: what has become of it is not known. */
function uploadGone(key: string, cause: BenchError): BenchError {
  return new BenchError(`the upload of ${key} is gone before it was complete`, {
    code: cause.code,
    class: 'server',
    key,
    endpoint: cause.endpoint,
    hint: 'the answer that it is complete got lost, or somebody has aborted it: look for who cleans up in the bucket',
    cause,
  });
}

function illegal(key: string, why: string): BenchError {
  return new BenchError(`the upload of ${key} failed: the answer cannot be used: ${why}`, {
    code: 'S3_ILLEGAL_ANSWER',
    class: 'server',
    key,
    retryable: false,
  });
}
