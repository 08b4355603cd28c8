import { hash } from 'node:crypto';
import type { PayloadSource } from '../../store-request.ts';
import { type BodyFraming, SignedChunks, TrailingChecksum } from '../sigv4/body-framing.ts';
import { EMPTY_SHA256 } from '../sigv4/canonical-request.ts';
import type { RequestSigner } from '../sigv4/request-signer.ts';
import type { S3Context } from './s3-context.ts';

/** A body in pieces that are asked for one after the other, framed as the store protects its payloads. */
export class RequestBody {
  piece: Uint8Array | undefined = undefined;
  before = '';
  after = '';
  last = true;
  readonly #context: S3Context;
  #source: PayloadSource | undefined;
  #sizeBytes = 0;
  #sent = 0;
  #framing: BodyFraming | undefined;

  constructor(context: S3Context) {
    this.#context = context;
  }

  /**
   * Takes the first piece; returns the head that announces the body.
   *
   * @param headers fields of the request that are signed
   */
  begin(
    signer: RequestSigner,
    source: PayloadSource,
    sizeBytes: number,
    method: string,
    path: string,
    query: string,
    headers: readonly (readonly [string, string])[],
  ): string {
    this.#start(source, sizeBytes);
    const { payload, pieceBytes } = this.#context;
    if (payload === 'unsigned') {
      this.#take();
      const head =
        query === '' && headers.length === 0
          ? signer.usualHead(method, path)
          : signer.head(method, path, query, headers, 'UNSIGNED-PAYLOAD');
      return `${head}content-length: ${String(sizeBytes)}\r\n\r\n`;
    }
    if (payload === 'signed' && sizeBytes <= pieceBytes) {
      this.#take();
      const digest = this.piece === undefined ? EMPTY_SHA256 : hash('sha256', this.piece, 'hex');
      const head = signer.head(method, path, query, headers, digest);
      return `${head}content-length: ${String(sizeBytes)}\r\n\r\n`;
    }
    return this.#beginFramed(signer, method, path, query, headers);
  }

  /**
   * As `begin`, for a document, which is signed as a whole however the store protects its payloads: only PutObject and
   * UploadPart may be framed (S3, "x-amz-content-sha256").
   */
  beginDocument(
    signer: RequestSigner,
    document: Uint8Array,
    method: string,
    path: string,
    query: string,
    headers: readonly (readonly [string, string])[],
  ): string {
    this.#start(
      { chunk: (offset, length) => document.subarray(offset, offset + length) },
      document.length,
    );
    this.#take();
    const head = signer.head(method, path, query, headers, hash('sha256', document, 'hex'));
    return `${head}content-length: ${String(document.length)}\r\n\r\n`;
  }

  #start(source: PayloadSource, sizeBytes: number): void {
    this.#source = source;
    this.#sizeBytes = sizeBytes;
    this.#sent = 0;
    this.#framing = undefined;
    this.before = this.after = '';
  }

  #beginFramed(
    signer: RequestSigner,
    method: string,
    path: string,
    query: string,
    headers: readonly (readonly [string, string])[],
  ): string {
    const { payload, pieceBytes } = this.#context;
    const signed = payload === 'signed' || payload === 'unsigned';
    const framing = signed
      ? new SignedChunks(this.#sizeBytes, pieceBytes)
      : new TrailingChecksum(payload, this.#sizeBytes, pieceBytes);
    const head = signer.head(
      method,
      path,
      query,
      [...headers, ...framing.headers],
      framing.payloadHash,
    );
    if (framing instanceof SignedChunks) framing.start(signer.chunkSeed);
    this.#framing = framing;
    this.#take();
    if (this.piece === undefined && framing instanceof TrailingChecksum)
      this.before = framing.end();
    return `${head}content-length: ${String(framing.framedBytes)}\r\n\r\n`;
  }

  next(): void {
    this.#take();
  }

  #take(): void {
    const length = Math.min(this.#context.pieceBytes, this.#sizeBytes - this.#sent);
    this.piece = length > 0 ? this.#source?.chunk(this.#sent, length) : undefined;
    this.#sent += length;
    this.last = this.#sent >= this.#sizeBytes;
    if (this.#framing === undefined || this.piece === undefined) return;
    this.before = this.#framing.before(this.piece);
    this.after = this.#framing.after(this.last);
  }
}
