import type { Answer } from '../http/answer.ts';
import { Refusal } from '../refusal/refusal.ts';
import { S3_NAMESPACE, xmlAnswer } from '../xml/xml-answer.ts';
import { childText, readXml } from '../xml/xml-reader.ts';
import { element } from '../xml/xml-writer.ts';
import { emptyAnswer, type OperationContext } from './operation.ts';

/** GetBucketVersioning; it names no status where versions were never asked for. */
export function getBucketVersioning({ request, storage }: OperationContext): Answer {
  const { versioning } = storage.bucket(request.bucket);
  const status = versioning === undefined ? '' : element('Status', versioning);
  return xmlAnswer(`<VersioningConfiguration ${S3_NAMESPACE}>${status}</VersioningConfiguration>`);
}

/** PutBucketVersioning, without MFA Delete. */
export function putBucketVersioning({ payload, request, storage }: OperationContext): Answer {
  const bucket = storage.bucket(request.bucket);
  const document = readXml(payload.data.toString());
  const status = childText(document, 'Status');
  if (document.name !== 'VersioningConfiguration') throw new Refusal('MalformedXML');
  if (childText(document, 'MfaDelete') !== undefined) throw new Refusal('NotImplemented');
  if (status !== 'Enabled' && status !== 'Suspended') throw new Refusal('MalformedXML');
  bucket.setVersioning(status);
  return emptyAnswer(200);
}
