import { hash } from 'node:crypto';
import type { Identity } from '../auth/signature-verifier.ts';
import { Refusal } from '../refusal/refusal.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { type Checksum, CHECKSUM_ALGORITHMS, checksumHeader, computeChecksum } from './checksum.ts';
import { verifyChunkSignatures, verifyTrailerSignature } from './chunk-signatures.ts';

/** A body that is what its request says it is. */
export interface Payload {
  readonly data: Buffer;
  /** The checksum that came with it. */
  readonly checksum: Checksum | undefined;
}

type Fields = ReadonlyMap<string, string>;

/** Values of x-amz-content-sha256 that name a coding of the body (AWS SigV4, "x-amz-content-sha256"). */
const CODINGS: Readonly<Record<string, { readonly signed: boolean; readonly trailer: boolean }>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailer: true },
};

/** Whether the body is in the coding `aws-chunked`. */
export function isAwsChunked(headers: Fields): boolean {
  return headers.get('x-amz-content-sha256')?.startsWith('STREAMING-') === true;
}

/**
 * Decodes a body and checks it against everything that the request says about it: its digest in the signature, the
 * signatures of its chunks, Content-MD5, and its checksum in a header or trailer.
 *
 * @param identity undefined where signatures are not verified
 * @throws Refusal with the code that S3 answers
 */
export function verifyPayload(
  body: Buffer,
  headers: Fields,
  httpTrailers: Fields,
  identity: Identity | undefined,
): Payload {
  const declared = headers.get('x-amz-content-sha256');
  let data = body;
  let trailers = httpTrailers;
  if (declared !== undefined && isAwsChunked(headers)) {
    const coding = CODINGS[declared];
    if (coding === undefined) {
      throw new Refusal('NotImplemented', { message: `${declared} is not implemented` });
    }
    const decoded = decodeAwsChunked(body);
    if (coding.signed && identity !== undefined) {
      verifyChunkSignatures(decoded, identity);
      if (coding.trailer) verifyTrailerSignature(decoded, identity);
    }
    data = decoded.data;
    trailers = decoded.trailers;
    const announced = headers.get('x-amz-decoded-content-length');
    if (announced === undefined) throw new Refusal('MissingContentLength');
    if (Number(announced) !== data.length) throw new Refusal('IncompleteBody');
  } else if (declared !== undefined && declared !== 'UNSIGNED-PAYLOAD') {
    verifySha256(data, declared);
  }
  verifyContentMd5(data, headers.get('content-md5'));
  return { data, checksum: verifyChecksum(data, headers, trailers) };
}

function verifySha256(data: Buffer, declared: string): void {
  if (!/^[0-9a-f]{64}$/.test(declared)) {
    throw new Refusal('InvalidArgument', {
      message: 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-... or a sha256 digest',
    });
  }
  const computed = hash('sha256', data, 'hex');
  if (computed !== declared) {
    throw new Refusal('XAmzContentSHA256Mismatch', {
      details: {
        ClientComputedContentSHA256: declared,
        S3ComputedContentSHA256: computed,
      },
    });
  }
}

function verifyContentMd5(data: Buffer, declared: string | undefined): void {
  if (declared === undefined) return;
  if (!/^[A-Za-z0-9+/]{22}==$/.test(declared)) throw new Refusal('InvalidDigest');
  const computed = hash('md5', data, 'base64');
  if (computed !== declared) {
    throw new Refusal('BadDigest', {
      details: { ExpectedDigest: declared, CalculatedDigest: computed },
    });
  }
}

function verifyChecksum(data: Buffer, headers: Fields, trailers: Fields): Checksum | undefined {
  const announced = headers.get('x-amz-trailer')?.toLowerCase();
  if (announced !== undefined && !trailers.has(announced)) {
    throw new Refusal('MalformedTrailerError');
  }
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const name = checksumHeader(algorithm);
    const declared = headers.get(name) ?? trailers.get(name);
    if (declared === undefined) continue;
    const value = computeChecksum(algorithm, [data]);
    if (value !== declared) {
      throw new Refusal('BadDigest', {
        message: `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      });
    }
    return { algorithm, value, type: 'FULL_OBJECT' };
  }
  return undefined;
}
