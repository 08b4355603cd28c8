import type { Answer } from '../../http/answer.ts';
import { encodePath } from '../../http/request-target.ts';
import { Refusal } from '../../refusal/refusal.ts';
import { compareKeys } from '../../storage/compare-keys.ts';
import { S3_NAMESPACE, xmlAnswer } from '../../xml/xml-answer.ts';
import { element } from '../../xml/xml-writer.ts';
import type { OperationContext } from '../operation.ts';
import { pageLimit } from '../page-limit.ts';

/** ListMultipartUploads: those of keys with a prefix, by key, then by age. */
export function listMultipartUploads({ request, storage }: OperationContext): Answer {
  const { query } = request;
  const bucket = storage.bucket(request.bucket);
  if (query.has('delimiter')) throw new Refusal('NotImplemented');
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const maxUploads = pageLimit(query, 'max-uploads');
  const encode = query.get('encoding-type') === 'url' ? encodePath : (text: string): string => text;
  const rest = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .filter(({ id, key }) => {
      const order = compareKeys(key, keyMarker);
      return order > 0 || (order === 0 && idMarker !== '' && id > idMarker);
    })
    .sort((a, b) => compareKeys(a.key, b.key) || compareKeys(a.id, b.id));
  const page = rest.slice(0, maxUploads);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  const next =
    last === undefined
      ? ''
      : element('NextKeyMarker', encode(last.key)) + element('NextUploadIdMarker', last.id);
  const uploads = page.map(
    ({ id, key, startedMs }) =>
      `<Upload>${element('Key', encode(key))}${element('UploadId', id)}` +
      `${element('Initiated', new Date(startedMs).toISOString())}</Upload>`,
  );
  return xmlAnswer(
    `<ListMultipartUploadsResult ${S3_NAMESPACE}>` +
      element('Bucket', request.bucket) +
      element('Prefix', encode(prefix)) +
      element('KeyMarker', encode(keyMarker)) +
      element('UploadIdMarker', idMarker) +
      next +
      element('MaxUploads', maxUploads) +
      element('IsTruncated', last !== undefined) +
      `${uploads.join('')}</ListMultipartUploadsResult>`,
  );
}
