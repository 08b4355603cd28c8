import type { Answer } from '../http/answer.ts';
import { encodePath } from '../http/request-target.ts';
import { checksumElement } from '../payload/checksum.ts';
import { Refusal } from '../refusal/refusal.ts';
import type { Bucket } from '../storage/bucket.ts';
import { listObjects, type ListPosition } from '../storage/list-objects.ts';
import { S3_NAMESPACE, xmlAnswer } from '../xml/xml-answer.ts';
import { element } from '../xml/xml-writer.ts';
import type { OperationContext } from './operation.ts';
import { pageLimit } from './page-limit.ts';

/** ListObjectsV2. */
export function listObjectsV2({ request, storage }: OperationContext): Answer {
  const { query } = request;
  const bucket = storage.bucket(request.bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const startAfter = query.get('start-after');
  const token = query.get('continuation-token');
  const maxKeys = pageLimit(query, 'max-keys');
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url') throw new Refusal('InvalidArgument');
  const after =
    token === undefined
      ? startAfter === undefined
        ? undefined
        : { key: startAfter }
      : parsePosition(token);
  const page = listObjects(bucket, { prefix, delimiter, after, maxKeys });
  const encode = encoding === 'url' ? encodePath : (text: string): string => text;
  const optional = (name: string, text: string | undefined): string =>
    text === undefined ? '' : element(name, text);
  return xmlAnswer(
    `<ListBucketResult ${S3_NAMESPACE}>` +
      element('Name', request.bucket) +
      element('Prefix', encode(prefix)) +
      (delimiter === '' ? '' : element('Delimiter', encode(delimiter))) +
      element('MaxKeys', maxKeys) +
      optional('EncodingType', encoding) +
      element('KeyCount', page.keys.length + page.commonPrefixes.length) +
      element('IsTruncated', page.next !== undefined) +
      optional('ContinuationToken', token) +
      optional('NextContinuationToken', page.next && formatPosition(page.next)) +
      optional('StartAfter', startAfter === undefined ? undefined : encode(startAfter)) +
      page.keys.map((key) => contents(bucket, key, encode)).join('') +
      page.commonPrefixes
        .map((each) => `<CommonPrefixes>${element('Prefix', encode(each))}</CommonPrefixes>`)
        .join('') +
      '</ListBucketResult>',
  );
}

function contents(bucket: Bucket, key: string, encode: (text: string) => string): string {
  const object = bucket.get(key);
  if (object === undefined) return '';
  const algorithm = object.checksum?.algorithm;
  return (
    `<Contents>${element('Key', encode(key))}` +
    element('LastModified', new Date(object.modifiedMs).toISOString()) +
    element('ETag', object.etag) +
    (algorithm === undefined
      ? ''
      : element('ChecksumAlgorithm', checksumElement(algorithm).replace('Checksum', ''))) +
    element('Size', object.length) +
    element('StorageClass', 'STANDARD') +
    '</Contents>'
  );
}

/** A position as a token; clients hand it back as it is. */
function formatPosition(position: ListPosition): string {
  const text = 'key' in position ? `k${position.key}` : `p${position.prefix}`;
  return Buffer.from(text).toString('base64url');
}

function parsePosition(token: string): ListPosition {
  const text = Buffer.from(token, 'base64url').toString();
  const rest = text.slice(1);
  if (text.startsWith('k')) return { key: rest };
  if (text.startsWith('p')) return { prefix: rest };
  throw new Refusal('InvalidArgument', {
    message: 'The continuation token provided is incorrect',
    details: { ArgumentName: 'continuation-token' },
  });
}
