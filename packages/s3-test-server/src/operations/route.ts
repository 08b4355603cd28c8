import type { RequestHead } from '../http/request-head.ts';
import { parseQuery, splitTarget } from '../http/request-target.ts';
import { Refusal } from '../refusal/refusal.ts';
import type { S3Operation, S3Request } from './operation.ts';

/** Longest key in UTF-8 bytes (Amazon S3 user guide, "Naming objects"). */
const MAX_KEY_BYTES = 1024;

/** Where a request leads: bucket and key, in path style or virtual-host style. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Bucket and key of a request. A Host below one of `domains` names the bucket, otherwise the path begins with it. Keys
 * are taken as they are: `a//b` and `../c` are names like others.
 */
function addressOf(path: string, host: string, domains: readonly string[]): Address {
  const decoded = path.includes('%') ? decodeURIComponent(path) : path;
  const name = host.replace(/:\d+$/, '');
  for (const domain of domains) {
    if (name.endsWith(`.${domain}`)) {
      return { bucket: name.slice(0, -domain.length - 1), key: decoded.slice(1) };
    }
  }
  const slash = decoded.indexOf('/', 1);
  if (slash < 0) return { bucket: decoded.slice(1), key: '' };
  return { bucket: decoded.slice(1, slash), key: decoded.slice(slash + 1) };
}

/** What a request asks for. @throws Refusal for what the server does not do; URIError for broken escapes */
export function route(head: RequestHead, domains: readonly string[]): S3Request {
  const { path, query: queryText } = splitTarget(head.target);
  const query = parseQuery(queryText);
  const { bucket, key } = addressOf(path, head.headers.get('host') ?? '', domains);
  if (key.length > MAX_KEY_BYTES / 3 && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new Refusal('KeyTooLongError', { details: { MaxSizeAllowed: String(MAX_KEY_BYTES) } });
  }
  const operation =
    bucket === ''
      ? serviceOperation(head.method)
      : key === ''
        ? bucketOperation(head.method, query)
        : objectOperation(head.method, query, head.headers);
  return { operation, bucket, key, query, headers: head.headers };
}

type Query = ReadonlyMap<string, string>;

function serviceOperation(method: string): S3Operation {
  if (method === 'GET') return 'ListBuckets';
  throw new Refusal('MethodNotAllowed');
}

function bucketOperation(method: string, query: Query): S3Operation {
  refuseSubresources(query, BUCKET_SUBRESOURCES[method] ?? []);
  switch (method) {
    case 'GET':
      if (query.has('uploads')) return 'ListMultipartUploads';
      if (query.has('location')) return 'GetBucketLocation';
      if (query.has('versioning')) return 'GetBucketVersioning';
      if (query.has('versions')) return 'ListObjectVersions';
      if (query.get('list-type') === '2') return 'ListObjectsV2';
      throw new Refusal('NotImplemented', { message: 'ListObjects is here in version 2 only' });
    case 'HEAD':
      return 'HeadBucket';
    case 'PUT':
      return query.has('versioning') ? 'PutBucketVersioning' : 'CreateBucket';
    case 'DELETE':
      return 'DeleteBucket';
    case 'POST':
      if (query.has('delete')) return 'DeleteObjects';
      throw new Refusal('MethodNotAllowed');
    default:
      throw new Refusal('MethodNotAllowed');
  }
}

function objectOperation(
  method: string,
  query: Query,
  headers: ReadonlyMap<string, string>,
): S3Operation {
  refuseSubresources(query, OBJECT_SUBRESOURCES[method] ?? []);
  const hasUpload = query.has('uploadId');
  if (query.has('partNumber') && !hasUpload) throw new Refusal('NotImplemented');
  switch (method) {
    case 'GET':
      return hasUpload ? 'ListParts' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      if (headers.has('x-amz-copy-source')) throw new Refusal('NotImplemented');
      return hasUpload ? 'UploadPart' : 'PutObject';
    case 'DELETE':
      return hasUpload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      if (hasUpload) return 'CompleteMultipartUpload';
      throw new Refusal('MethodNotAllowed');
    default:
      throw new Refusal('MethodNotAllowed');
  }
}

type Subresources = Readonly<Record<string, readonly string[]>>;

/** What can be asked of a bucket beside itself, by method. */
const BUCKET_SUBRESOURCES: Subresources = {
  GET: ['uploads', 'location', 'versioning', 'versions'],
  PUT: ['versioning'],
  POST: ['delete'],
};

/** What can be asked of an object beside itself, by method. */
const OBJECT_SUBRESOURCES: Subresources = {
  GET: ['uploadId', 'partNumber', 'versionId'],
  HEAD: ['versionId'],
  PUT: ['uploadId', 'partNumber'],
  DELETE: ['uploadId', 'versionId'],
  POST: ['uploads', 'uploadId'],
};

/** Parameters that make another request of what looks like a plain one. */
const SUBRESOURCES = [
  ...['accelerate', 'acl', 'analytics', 'attributes', 'cors', 'delete', 'encryption'],
  ...['intelligent-tiering', 'inventory', 'legal-hold', 'lifecycle', 'location', 'logging'],
  ...['metrics', 'notification', 'object-lock', 'ownershipControls', 'partNumber', 'policy'],
  ...['policyStatus', 'publicAccessBlock', 'replication', 'requestPayment', 'restore'],
  ...['retention', 'select', 'tagging', 'torrent', 'uploadId', 'uploads', 'versionId'],
  ...['versioning', 'versions', 'website'],
];

/** Refuses what is not here, so that nobody takes a plain answer for the one that was asked for. */
function refuseSubresources(query: Query, known: readonly string[]): void {
  if (query.size === 0) return;
  for (const name of SUBRESOURCES) {
    if (query.has(name) && !known.includes(name)) {
      throw new Refusal('NotImplemented', { details: { Header: name } });
    }
  }
}
