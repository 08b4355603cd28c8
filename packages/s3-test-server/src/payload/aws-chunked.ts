import { MAX_HEAD_BYTES } from '../http/request-parser.ts';
import { Refusal } from '../refusal/refusal.ts';

/** A body in the coding `aws-chunked`, decoded. */
export interface AwsChunkedBody {
  readonly data: Buffer;
  /** The chunks in order, the empty one that ends the body included. */
  readonly chunks: readonly AwsChunk[];
  /** By lower-case name, in the order in which they came. */
  readonly trailers: ReadonlyMap<string, string>;
}

export interface AwsChunk {
  readonly bytes: Buffer;
  /** `chunk-signature`, where the chunk is signed. */
  readonly signature: string | undefined;
}

const CHUNK_LINE = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/;
const CRLF = '\r\n';

/**
 * Takes an `aws-chunked` body apart (AWS SigV4, "Signature calculations for the Authorization header: transferring
 * payload in multiple chunks"):
 *
 *     size in hex [;chunk-signature=64 digits] CRLF
 *     data CRLF                                       as often as there are chunks; the last is empty, without data CRLF
 *     name:value CRLF                                 trailers, if any
 *     CRLF
 *
 * @throws Refusal where the body is cut short, or is no such body
 */
export function decodeAwsChunked(body: Buffer): AwsChunkedBody {
  const chunks: AwsChunk[] = [];
  let at = 0;
  for (;;) {
    const [line, next] = readLine(body, at);
    const [, sizeText, signature] = CHUNK_LINE.exec(line) ?? [];
    if (sizeText === undefined) {
      throw new Refusal('InvalidRequest', { message: 'A chunk of the body is malformed' });
    }
    const end = next + Number.parseInt(sizeText, 16);
    if (end > body.length) throw new Refusal('IncompleteBody');
    chunks.push({ bytes: body.subarray(next, end), signature });
    at = end;
    if (end === next) break;
    if (body.toString('latin1', end, end + CRLF.length) !== CRLF)
      throw new Refusal('IncompleteBody');
    at += CRLF.length;
  }
  const data = chunks.filter(({ bytes }) => bytes.length > 0).map(({ bytes }) => bytes);
  const [only] = data;
  return {
    data: data.length === 1 && only !== undefined ? only : Buffer.concat(data),
    chunks,
    trailers: readTrailers(body, at),
  };
}

function readLine(body: Buffer, at: number): readonly [string, number] {
  const end = body.indexOf(CRLF, at, 'latin1');
  if (end < 0) throw new Refusal('IncompleteBody');
  if (end - at > MAX_HEAD_BYTES) throw new Refusal('InvalidRequest');
  return [body.toString('latin1', at, end), end + CRLF.length];
}

function readTrailers(body: Buffer, start: number): Map<string, string> {
  const trailers = new Map<string, string>();
  let at = start;
  while (at < body.length) {
    const [line, next] = readLine(body, at);
    at = next;
    if (line === '') continue;
    const colon = line.indexOf(':');
    if (colon <= 0) throw new Refusal('MalformedTrailerError');
    // Some signers end a trailer with LF before the CRLF: the LF belongs to what is signed.
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailers;
}
