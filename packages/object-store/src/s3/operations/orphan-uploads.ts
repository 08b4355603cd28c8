import { BenchError } from '@sai3bench/errors';
import { canonicalQuery } from '../sigv4/uri-encode.ts';
import { keyDecoder } from '../xml/list-page.ts';
import { elementContents, elementText } from '../xml/xml-text.ts';
import { callS3 } from './call-exchange.ts';
import { abortUpload } from './multipart-upload.ts';
import type { S3Context } from './s3-context.ts';

/** An upload that was begun and never ended. */
export interface UnfinishedUpload {
  /** Relative to the store. */
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since 1970 by the server's clock; undefined where it does not say. */
  readonly initiatedMs: number | undefined;
}

/** Told of each upload that was to be given up, with the error when it is still there. */
export type OnGivenUp = (upload: UnfinishedUpload, error: BenchError | undefined) => void;

/** Uploads that are given up side by side. */
const PARALLEL = 16;

/** Where the next page of a listing begins. */
interface Markers {
  readonly key: string;
  readonly uploadId: string;
}

/**
 * Gives up uploads that were begun under a prefix and never ended, as those of a run that was killed. Whoever else
 * uploads to the bucket has unfinished ones there too: only those are touched of which the caller says that they are
 * its own.
 *
 * @param prefix relative to the store
 * @param isOwn by whatever tells: known ids, the naming of keys, age
 * @param onGivenUp told of each; without it, the first error that one ends with is thrown
 * @returns how many were given up
 * @throws BenchError when uploads cannot be listed
 */
export async function abortOrphans(
  context: S3Context,
  prefix: string,
  isOwn: (upload: UnfinishedUpload) => boolean,
  onGivenUp: OnGivenUp = throwError,
): Promise<number> {
  let aborted = 0;
  let markers: Markers | undefined;
  do {
    const page = await listUploads(context, prefix, markers);
    const own = page.uploads.filter(isOwn).values();
    const work = async (): Promise<void> => {
      for (const upload of own) {
        const left = await giveUp(context, upload);
        if (left !== 'ended') onGivenUp(upload, left);
        if (left === undefined) aborted++;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    markers = page.next;
  } while (markers !== undefined);
  return aborted;
}

function throwError(_: UnfinishedUpload, error: BenchError | undefined): void {
  if (error !== undefined) throw error;
}

/** Why an upload is still there; `ended` when it had ended meanwhile. */
async function giveUp(
  context: S3Context,
  { key, uploadId }: UnfinishedUpload,
): Promise<BenchError | 'ended' | undefined> {
  try {
    await abortUpload(context, key, uploadId);
    return undefined;
  } catch (reason) {
    const error = BenchError.from(reason);
    return error.code === 'S3_NoSuchUpload' ? 'ended' : error;
  }
}

async function listUploads(
  context: S3Context,
  prefix: string,
  after: Markers | undefined,
): Promise<{ uploads: UnfinishedUpload[]; next: Markers | undefined }> {
  const below = context.prefix + prefix;
  const query = canonicalQuery([
    ['uploads', ''],
    ['prefix', below],
    ...(after === undefined
      ? []
      : ([
          ['key-marker', after.key],
          ['upload-id-marker', after.uploadId],
        ] as const)),
  ]);
  const { text } = await callS3(context, { method: 'GET', operation: 'LIST', query });
  const [result] = elementContents(text, 'ListMultipartUploadsResult');
  if (result === undefined) throw unreadable(prefix, 'it is no ListMultipartUploadsResult');
  const decode = keyDecoder(result);
  const uploads = elementContents(result, 'Upload').flatMap((upload) => {
    const key = decode(elementText(upload, 'Key') ?? '');
    const uploadId = elementText(upload, 'UploadId');
    // A server that does not know the prefix shows what is not below it.
    if (!key.startsWith(below) || uploadId === undefined) return [];
    const initiatedMs = Date.parse(elementText(upload, 'Initiated') ?? '');
    return {
      key: key.slice(context.prefix.length),
      uploadId,
      initiatedMs: Number.isNaN(initiatedMs) ? undefined : initiatedMs,
    };
  });
  return { uploads, next: nextMarkers(result, after, prefix) };
}

function nextMarkers(
  result: string,
  before: Markers | undefined,
  prefix: string,
): Markers | undefined {
  if (elementText(result, 'IsTruncated') !== 'true') return undefined;
  const marker = elementText(result, 'NextKeyMarker');
  const uploadId = elementText(result, 'NextUploadIdMarker');
  if (marker === undefined || uploadId === undefined)
    throw unreadable(prefix, 'it is cut off and names no next page');
  const key = keyDecoder(result)(marker);
  if (key === before?.key && uploadId === before.uploadId)
    throw unreadable(prefix, 'its next page is itself');
  return { key, uploadId };
}

function unreadable(prefix: string, why: string): BenchError {
  return new BenchError(
    `the uploads below ${prefix} were not listed: the answer cannot be used: ${why}`,
    {
      code: 'S3_ILLEGAL_ANSWER',
      class: 'server',
      key: prefix,
      retryable: false,
    },
  );
}
