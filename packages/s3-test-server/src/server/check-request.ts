import type { Identity } from '../auth/signature-verifier.ts';
import type { RequestHead } from '../http/request-head.ts';
import { isChanging, type S3Operation, type S3Request } from '../operations/operation.ts';
import { isAwsChunked } from '../payload/verify-payload.ts';
import { Refusal } from '../refusal/refusal.ts';
import type { Storage } from '../storage/storage.ts';
import type { ServiceSettings } from './service-settings.ts';

/** Operations whose body is content of an object. */
const CONTENT: ReadonlySet<S3Operation> = new Set(['PutObject', 'UploadPart']);

/** Whether the body of a request is content, not a document that tells what to do. */
export function hasContent(operation: S3Operation): boolean {
  return CONTENT.has(operation);
}

/** What can be said of a request before its body has come. @throws Refusal */
export function checkRequest(
  request: S3Request,
  head: RequestHead,
  identity: Identity | undefined,
  { settings, storage }: { readonly settings: ServiceSettings; readonly storage: Storage },
): void {
  const { operation } = request;
  const refused = settings.refuse[operation];
  if (refused !== undefined) throw new Refusal(refused);
  if (identity?.credentials.readOnly === true && isChanging(operation)) {
    throw new Refusal('AccessDenied');
  }
  checkCoding(operation, head.headers);
  checkLength(operation, head, settings.maxBodyBytes);
  if (operation !== 'CreateBucket' && operation !== 'ListBuckets') {
    checkBucket(request, settings.region, storage);
  }
}

/** Only content may have its checksum behind it. */
function checkCoding(operation: S3Operation, headers: ReadonlyMap<string, string>): void {
  const coding = headers.get('x-amz-content-sha256');
  if (hasContent(operation) || coding?.endsWith('-TRAILER') !== true) return;
  throw new Refusal('InvalidRequest', {
    message: 'The value of x-amz-content-sha256 header is invalid.',
    details: { HeaderName: 'x-amz-content-sha256' },
  });
}

/** S3 wants to know the length of an object in advance; only `aws-chunked` says it in another field. */
function checkLength(
  operation: S3Operation,
  { chunked, contentLength, headers }: RequestHead,
  maxBodyBytes: number,
): void {
  if (!hasContent(operation)) return;
  if (chunked && !isAwsChunked(headers)) {
    throw new Refusal('NotImplemented', { details: { Header: 'Transfer-Encoding' } });
  }
  if (!chunked && contentLength === undefined) throw new Refusal('MissingContentLength');
  if ((contentLength ?? 0) > maxBodyBytes) {
    throw new Refusal('EntityTooLarge', {
      details: { ProposedSize: String(contentLength), MaxSizeAllowed: String(maxBodyBytes) },
    });
  }
}

/** A bucket that is not there is missed here, before its content is sent; one of another region points to it. */
function checkBucket(request: S3Request, ownRegion: string, storage: Storage): void {
  const { region } = storage.bucket(request.bucket);
  const isLocation = request.operation === 'GetBucketLocation';
  if (region === ownRegion || isLocation) return;
  throw new Refusal('PermanentRedirect', {
    headers: `x-amz-bucket-region: ${region}\r\n`,
    details: { Bucket: request.bucket, Region: region },
  });
}
