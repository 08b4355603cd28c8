import { hash } from 'node:crypto';
import { type Checksum, type ChecksumAlgorithm, DIGEST_CHARACTERS } from '../checksum/checksum.ts';
import { createChecksum } from '../checksum/create-checksum.ts';
import { EMPTY_SHA256 } from './canonical-request.ts';
import type { ChunkSeed } from './request-signer.ts';

/** How bodies are sent that are not sent as they are: content-encoding aws-chunked. */
export interface BodyFraming {
  /** `x-amz-content-sha256`. */
  readonly payloadHash: string;
  /** Fields that say what the framing is; they are signed. */
  readonly headers: readonly (readonly [string, string])[];
  /** The body with its frames, whose pieces are `pieceBytes` long, except the last. */
  readonly framedBytes: number;
  /** What is sent before a piece. */
  before(piece: Uint8Array): string;
  /** What is sent behind a piece; behind the last, also the end of the body. */
  after(last: boolean): string;
}

const SIGNATURE_FIELD = ';chunk-signature=';
const SIGNATURE_CHARACTERS = 64;

function commonHeaders(sizeBytes: number): readonly (readonly [string, string])[] {
  return [
    ['content-encoding', 'aws-chunked'],
    ['x-amz-decoded-content-length', String(sizeBytes)],
  ];
}

/** Sum of the frames round pieces, `overhead` being what each has besides its length in hexadecimal digits. */
function framed(sizeBytes: number, pieceBytes: number, overhead: number): number {
  const whole = Math.floor(sizeBytes / pieceBytes);
  const rest = sizeBytes % pieceBytes;
  const ofOne = (length: number): number => length + length.toString(16).length + overhead;
  return whole * ofOne(pieceBytes) + (rest > 0 ? ofOne(rest) : 0);
}

/**
 * Each piece signed, after the one before it: STREAMING-AWS4-HMAC-SHA256-PAYLOAD (S3, "Signature calculations for the
 * Authorization header: transferring payload in multiple chunks").
 */
export class SignedChunks implements BodyFraming {
  readonly payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  readonly headers: BodyFraming['headers'];
  readonly framedBytes: number;
  #seed: ChunkSeed | undefined;
  #previous = '';

  constructor(sizeBytes: number, pieceBytes: number) {
    const overhead = SIGNATURE_FIELD.length + SIGNATURE_CHARACTERS + 4;
    this.headers = commonHeaders(sizeBytes);
    this.framedBytes = framed(sizeBytes, pieceBytes, overhead) + 1 + overhead;
  }

  /** The signature of the head, with which the first piece is signed. */
  start(seed: ChunkSeed | undefined): void {
    this.#seed = seed;
    this.#previous = seed?.signature ?? '';
  }

  before(piece: Uint8Array): string {
    return `${piece.length.toString(16)}${SIGNATURE_FIELD}${this.#sign(hash('sha256', piece, 'hex'))}\r\n`;
  }

  after(last: boolean): string {
    return last ? `\r\n0${SIGNATURE_FIELD}${this.#sign(EMPTY_SHA256)}\r\n\r\n` : '\r\n';
  }

  #sign(pieceHash: string): string {
    if (this.#seed === undefined) return '';
    const { amzDate, key, scope } = this.#seed;
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${amzDate}\n${scope}\n${this.#previous}\n${EMPTY_SHA256}\n${pieceHash}`;
    return (this.#previous = key.sign(text));
  }
}

/**
 * The body unsigned, and its checksum behind it: STREAMING-UNSIGNED-PAYLOAD-TRAILER (S3, "Checking object integrity
 * with trailing checksums").
 */
export class TrailingChecksum implements BodyFraming {
  readonly payloadHash = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  readonly headers: BodyFraming['headers'];
  readonly framedBytes: number;
  readonly #field: string;
  readonly #checksum: Checksum;

  constructor(algorithm: ChecksumAlgorithm, sizeBytes: number, pieceBytes: number) {
    this.#field = `x-amz-checksum-${algorithm}`;
    this.#checksum = createChecksum(algorithm);
    this.headers = [...commonHeaders(sizeBytes), ['x-amz-trailer', this.#field]];
    const trailer = this.#field.length + 1 + DIGEST_CHARACTERS[algorithm] + 2;
    this.framedBytes = framed(sizeBytes, pieceBytes, 4) + 3 + trailer + 2;
  }

  before(piece: Uint8Array): string {
    this.#checksum.update(piece);
    return `${piece.length.toString(16)}\r\n`;
  }

  after(last: boolean): string {
    return last ? `\r\n${this.end()}` : '\r\n';
  }

  /** The end of the body, which is all of a body without bytes. */
  end(): string {
    return `0\r\n${this.#field}:${this.#checksum.digest()}\r\n\r\n`;
  }
}
