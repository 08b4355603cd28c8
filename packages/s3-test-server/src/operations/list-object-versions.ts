import type { Answer } from '../http/answer.ts';
import { encodePath } from '../http/request-target.ts';
import { Refusal } from '../refusal/refusal.ts';
import { type ListedVersion, listVersions } from '../storage/list-versions.ts';
import { S3_NAMESPACE, xmlAnswer } from '../xml/xml-answer.ts';
import { element } from '../xml/xml-writer.ts';
import type { OperationContext } from './operation.ts';
import { pageLimit } from './page-limit.ts';

/** ListObjectVersions, without a delimiter. */
export function listObjectVersions({ request, storage }: OperationContext): Answer {
  const { query } = request;
  const bucket = storage.bucket(request.bucket);
  if (query.has('delimiter')) throw new Refusal('NotImplemented');
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker') ?? '';
  if (keyMarker === '' && idMarker !== '') {
    throw new Refusal('InvalidArgument', {
      message: 'A version-id marker cannot be specified without a key marker.',
      details: { ArgumentName: 'version-id-marker', ArgumentValue: idMarker },
    });
  }
  const maxKeys = pageLimit(query, 'max-keys');
  const encoding = query.get('encoding-type');
  const encode = encoding === 'url' ? encodePath : (text: string): string => text;
  const after = keyMarker === '' ? undefined : { key: keyMarker, versionId: idMarker || undefined };
  const { next, versions } = listVersions(bucket, { prefix, after, maxKeys });
  return xmlAnswer(
    `<ListVersionsResult ${S3_NAMESPACE}>` +
      element('Name', request.bucket) +
      element('Prefix', encode(prefix)) +
      element('KeyMarker', encode(keyMarker)) +
      element('VersionIdMarker', idMarker) +
      (next === undefined
        ? ''
        : element('NextKeyMarker', encode(next.key)) +
          element('NextVersionIdMarker', next.versionId ?? '')) +
      element('MaxKeys', maxKeys) +
      (encoding === undefined ? '' : element('EncodingType', encoding)) +
      element('IsTruncated', next !== undefined) +
      versions.map((each) => describe(each, encode)).join('') +
      '</ListVersionsResult>',
  );
}

function describe(
  { isLatest, key, version }: ListedVersion,
  encode: (text: string) => string,
): string {
  const { id, modifiedMs, object } = version;
  const common =
    element('Key', encode(key)) +
    element('VersionId', id) +
    element('IsLatest', isLatest) +
    element('LastModified', new Date(modifiedMs).toISOString());
  if (object === undefined) return `<DeleteMarker>${common}</DeleteMarker>`;
  return (
    `<Version>${common}${element('ETag', object.etag)}${element('Size', object.length)}` +
    `${element('StorageClass', 'STANDARD')}</Version>`
  );
}
