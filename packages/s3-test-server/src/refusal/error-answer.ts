import type { Answer } from '../http/answer.ts';
import { xmlAnswer } from '../xml/xml-answer.ts';
import { element } from '../xml/xml-writer.ts';
import type { Refusal } from './refusal.ts';

/** The error document of S3: code, message, resource and details. The request id is also in the header. */
export function errorAnswer(refusal: Refusal, resource: string, requestId: string): Answer {
  const details = Object.entries(refusal.details).map(([name, text]) => element(name, text));
  const document =
    '<Error>' +
    element('Code', refusal.code) +
    element('Message', refusal.message) +
    element('Resource', resource) +
    details.join('') +
    element('RequestId', requestId) +
    '</Error>';
  return xmlAnswer(document, { status: refusal.status, headers: refusal.headers });
}
