import { hash } from 'node:crypto';
import type { Identity } from '../auth/signature-verifier.ts';
import { Refusal } from '../refusal/refusal.ts';
import type { AwsChunkedBody } from './aws-chunked.ts';

const EMPTY_SHA256 = hash('sha256', '', 'hex');

/**
 * Verifies the chain of signatures in a signed `aws-chunked` body: each covers its chunk and the signature before it,
 * the first that of the request, and that of the trailers the last chunk's.
 */
export function verifyChunkSignatures(body: AwsChunkedBody, identity: Identity): void {
  const { authorization, key } = identity;
  const prefix = `${authorization.timestamp}\n${authorization.scope}\n`;
  let previous = authorization.signature;
  for (const { bytes, signature } of body.chunks) {
    const digest = hash('sha256', bytes, 'hex');
    const expected = key.hex(
      `AWS4-HMAC-SHA256-PAYLOAD\n${prefix}${previous}\n${EMPTY_SHA256}\n${digest}`,
    );
    if (signature !== expected) {
      throw new Refusal('SignatureDoesNotMatch', { message: 'A chunk is not signed correctly' });
    }
    previous = expected;
  }
}

/** The trailer that carries the signature of the others. */
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/** Verifies the signature over the trailers of such a body. */
export function verifyTrailerSignature(body: AwsChunkedBody, identity: Identity): void {
  const { authorization, key } = identity;
  const lines = [...body.trailers]
    .filter(([name]) => name !== TRAILER_SIGNATURE)
    .map(([name, value]) => `${name}:${value}\n`);
  const last = body.chunks.at(-1)?.signature ?? '';
  const digest = hash('sha256', lines.join(''), 'hex');
  const expected = key.hex(
    `AWS4-HMAC-SHA256-TRAILER\n${authorization.timestamp}\n${authorization.scope}\n${last}\n${digest}`,
  );
  if (body.trailers.get(TRAILER_SIGNATURE) !== expected) {
    throw new Refusal('SignatureDoesNotMatch', {
      message: 'The trailers are not signed correctly',
    });
  }
}
