import type { Answer } from '../http/answer.ts';
import { Refusal } from '../refusal/refusal.ts';
import { type S3ErrorCode, s3ErrorMessage } from '../refusal/s3-error-code.ts';
import { S3_NAMESPACE, xmlAnswer } from '../xml/xml-answer.ts';
import { childText, readXml } from '../xml/xml-reader.ts';
import { element } from '../xml/xml-writer.ts';
import type { OperationContext } from './operation.ts';

/** Most keys in one request. */
const MAX_KEYS = 1000;

/** DeleteObjects. The body must come with a digest, as S3 has it. */
export function deleteObjects({ keyError, payload, request, storage }: OperationContext): Answer {
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
  const quiet = childText(document, 'Quiet') === 'true';
  const results = keys.map((key) => {
    const code = keyError(key);
    if (code !== undefined) return errorOf(key, code);
    bucket.delete(key);
    return quiet ? '' : `<Deleted>${element('Key', key)}</Deleted>`;
  });
  return xmlAnswer(`<DeleteResult ${S3_NAMESPACE}>${results.join('')}</DeleteResult>`);
}

/** What is said of a key that is still there. */
function errorOf(key: string, code: S3ErrorCode): string {
  const said = element('Code', code) + element('Message', s3ErrorMessage(code));
  return `<Error>${element('Key', key)}${said}</Error>`;
}
