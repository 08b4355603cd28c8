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
export function deleteObjects(context: OperationContext): Answer {
  const { keyError, nowMs, payload, request, storage } = context;
  const bucket = storage.bucket(request.bucket);
  if (payload.checksum === undefined && !request.headers.has('content-md5')) {
    throw new Refusal('InvalidRequest', {
      message: 'Missing required header for this request: Content-MD5',
    });
  }
  const document = readXml(payload.data.toString());
  const objects = document.children
    .filter(({ name }) => name === 'Object')
    .map((object) => ({
      key: childText(object, 'Key') ?? '',
      version: childText(object, 'VersionId'),
    }));
  if (document.name !== 'Delete' || objects.length === 0 || objects.length > MAX_KEYS) {
    throw new Refusal('MalformedXML');
  }
  const quiet = childText(document, 'Quiet') === 'true';
  const results = objects.map(({ key, version }) => {
    const code = keyError(key);
    const named =
      element('Key', key) + (version === undefined ? '' : element('VersionId', version));
    if (code !== undefined) return errorOf(named, code);
    const { isMarker, versionId } =
      version === undefined ? bucket.delete(key, nowMs) : bucket.deleteVersion(key, version);
    const marker = isMarker
      ? element('DeleteMarker', true) + element('DeleteMarkerVersionId', versionId ?? '')
      : '';
    return quiet ? '' : `<Deleted>${named}${marker}</Deleted>`;
  });
  return xmlAnswer(`<DeleteResult ${S3_NAMESPACE}>${results.join('')}</DeleteResult>`);
}

/** What is said of an object that is still there. */
function errorOf(named: string, code: S3ErrorCode): string {
  const said = element('Code', code) + element('Message', s3ErrorMessage(code));
  return `<Error>${named}${said}</Error>`;
}
