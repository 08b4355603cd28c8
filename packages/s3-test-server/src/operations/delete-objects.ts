import type { Answer } from '../http/answer.ts';
import { Refusal } from '../refusal/refusal.ts';
import { S3_NAMESPACE, xmlAnswer } from '../xml/xml-answer.ts';
import { childText, readXml } from '../xml/xml-reader.ts';
import { element } from '../xml/xml-writer.ts';
import type { OperationContext } from './operation.ts';

/** Most keys in one request. */
const MAX_KEYS = 1000;

/** DeleteObjects. The body must come with a digest, as S3 has it. */
export function deleteObjects({ payload, request, storage }: OperationContext): Answer {
  const bucket = storage.bucket(request.bucket);
  if (payload.checksum === undefined && !request.headers.has('content-md5')) {
    throw new Refusal('InvalidRequest', {
      message: 'Missing required header for this request: Content-MD5',
    });
  }
  const document = readXml(payload.data.toString());
  const keys = document.children
    .filter(({ name }) => name === 'Object')
    .map((object) => childText(object, 'Key') ?? '');
  if (document.name !== 'Delete' || keys.length === 0 || keys.length > MAX_KEYS) {
    throw new Refusal('MalformedXML');
  }
  for (const key of keys) bucket.delete(key);
  const deleted =
    childText(document, 'Quiet') === 'true'
      ? []
      : keys.map((key) => `<Deleted>${element('Key', key)}</Deleted>`);
  return xmlAnswer(`<DeleteResult ${S3_NAMESPACE}>${deleted.join('')}</DeleteResult>`);
}
