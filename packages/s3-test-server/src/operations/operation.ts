import type { Answer } from '../http/answer.ts';
import type { Payload } from '../payload/verify-payload.ts';
import type { S3ErrorCode } from '../refusal/s3-error-code.ts';
import type { Storage } from '../storage/storage.ts';

/** What can be asked of the server; the names are those of the S3 API reference. */
export const S3_OPERATIONS = [
  'PutObject',
  'GetObject',
  'HeadObject',
  'DeleteObject',
  'DeleteObjects',
  'ListObjectsV2',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'ListMultipartUploads',
  'ListParts',
  'CreateBucket',
  'DeleteBucket',
  'HeadBucket',
  'ListBuckets',
  'GetBucketLocation',
  'GetBucketVersioning',
  'PutBucketVersioning',
  'ListObjectVersions',
] as const;

export type S3Operation = (typeof S3_OPERATIONS)[number];

/** A request to S3, understood but not yet carried out. */
export interface S3Request {
  readonly operation: S3Operation;
  /** Empty for ListBuckets. */
  readonly bucket: string;
  /** Decoded; empty where the request is about a bucket. */
  readonly key: string;
  /** Decoded parameters of the query. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
}

/** What an operation works on. */
export interface OperationContext {
  readonly request: S3Request;
  readonly storage: Storage;
  readonly settings: OperationSettings;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly payload: ReceivedPayload;
  /** Why a fault keeps a key of several from being deleted; undefined when none does. */
  readonly keyError: (key: string) => S3ErrorCode | undefined;
  /** Numbers that never repeat while the server runs. */
  readonly nextId: () => number;
}

/** The body of a request after all checks. */
export interface ReceivedPayload extends Payload {
  /** Length of the object in it; `data` is empty where bodies are not kept. */
  readonly length: number;
}

export interface OperationSettings {
  readonly region: string;
  /** Keep bodies; otherwise lengths only. */
  readonly keepBodies: boolean;
  /** Least length of all parts of an upload but the last. */
  readonly minPartBytes: number;
}

/** Carries out a request. @throws Refusal */
export type OperationHandler = (context: OperationContext) => Answer;

/** The header line that names a version; empty where there is none to name. */
export function versionHeader(versionId: string | undefined): string {
  return versionId === undefined ? '' : `x-amz-version-id: ${versionId}\r\n`;
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers = ''): Answer {
  return { status, headers, body: [] };
}

const CHANGING: ReadonlySet<S3Operation> = new Set([
  'PutObject',
  'DeleteObject',
  'DeleteObjects',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'CreateBucket',
  'DeleteBucket',
  'PutBucketVersioning',
]);

/** Whether an operation changes what is stored. */
export function isChanging(operation: S3Operation): boolean {
  return CHANGING.has(operation);
}
