import type { Answer } from '../http/answer.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An answer with an XML document. */
export function xmlAnswer(
  document: string,
  options: { readonly status?: number; readonly headers?: string } = {},
): Answer {
  return {
    status: options.status ?? 200,
    headers: `Content-Type: application/xml\r\n${options.headers ?? ''}`,
    body: [Buffer.from(DECLARATION + document)],
  };
}

/** The attribute that S3's documents carry. */
export const S3_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
