import { BenchError, type ErrorClass } from '@sai3bench/errors';
import type { StoreRequest } from '../../store-request.ts';
import { rangeError } from '../content-range.ts';
import { headerField } from '../http/header-field.ts';
import { EMPTY_SHA256 } from '../sigv4/canonical-request.ts';
import { encodePath } from '../sigv4/uri-encode.ts';
import type { S3Context } from './s3-context.ts';
import { S3Exchange } from './s3-exchange.ts';

const METHODS = { GET: 'GET', PUT: 'PUT', STAT: 'HEAD', DELETE: 'DELETE' } as const;

/** Operations on one object: a request each. */
export type ObjectOperation = keyof typeof METHODS;

/** GET, PUT, STAT and DELETE of an object: the hot path. An exchange is used for one request after the other. */
export class ObjectExchange extends S3Exchange {
  #request: StoreRequest;
  #objectOperation: ObjectOperation = 'GET';
  readonly #release: (exchange: ObjectExchange) => void;

  constructor(
    context: S3Context,
    request: StoreRequest,
    release: (exchange: ObjectExchange) => void,
  ) {
    super(context);
    this.#request = request;
    this.#release = release;
  }

  /** Takes on a request. */
  start(request: StoreRequest, operation: ObjectOperation): void {
    this.#request = request;
    this.#objectOperation = operation;
    this.bodyless = operation === 'STAT';
    this.reset(operation, request.key);
  }

  override begin(): string {
    const { signer, target } = this.place;
    const request = this.#request;
    const path = this.redirect?.path ?? target.keyPath + encodePath(request.key);
    const query = this.redirect?.query ?? '';
    const method = METHODS[this.#objectOperation];
    if (method === 'PUT' && request.payload !== undefined) {
      const head = this.body.begin(
        signer,
        request.payload,
        Math.max(0, request.sizeBytes),
        method,
        path,
        query,
        [],
      );
      this.takePiece();
      return head;
    }
    this.piece = undefined;
    this.before = '';
    const head =
      query === ''
        ? signer.usualHead(method, path)
        : signer.head(method, path, query, [], EMPTY_SHA256);
    if (method === 'PUT') return `${head}content-length: 0\r\n\r\n`;
    const range = request.range;
    if (range === undefined || method !== 'GET') return `${head}\r\n`;
    const last = range.offsetBytes + range.lengthBytes - 1;
    return `${head}range: bytes=${String(range.offsetBytes)}-${String(last)}\r\n\r\n`;
  }

  protected override sent(): void {
    const request = this.#request;
    request.startNs = this.startNs;
    request.firstByteNs = 0;
  }

  override onFirstByte(): void {
    this.#request.firstByteNs = this.context.nowNs();
  }

  protected override accepts(status: number): boolean {
    return status === 200 || status === 204 || status === 206;
  }

  protected override wantsHead(): boolean {
    return this.#objectOperation === 'GET' && this.#request.range !== undefined;
  }

  protected override take(bytes: Buffer, from: number, to: number): void {
    const request = this.#request;
    if (this.#objectOperation !== 'GET') return;
    const { onData } = request;
    if (onData !== undefined) {
      const whole = from === 0 && to === bytes.length;
      onData(whole ? bytes : bytes.subarray(from, to), this.received);
    }
    request.bytes = this.received + to - from;
  }

  override onLastByte(): void {
    this.#request.endNs = this.context.nowNs();
  }

  protected override check(): BenchError | undefined {
    const request = this.#request;
    if (this.#objectOperation === 'PUT') request.bytes = Math.max(0, request.sizeBytes);
    else if (this.#objectOperation === 'STAT') return this.#checkLength();
    else if (this.#objectOperation === 'GET') return this.#checkRange();
    return undefined;
  }

  #checkRange(): BenchError | undefined {
    const range = this.#request.range;
    if (range !== undefined) {
      const answered =
        this.status === 206 ? headerField(this.headText, 'content-range') : undefined;
      return rangeError(this.key, range, answered, this.received);
    }
    if (this.status !== 206) return undefined;
    return this.#distrusted(
      'S3_WRONG_RANGE',
      'integrity',
      'asked for the whole object, but the answer is a part of it',
    );
  }

  /** The object's length; a server need not tell it, but nothing is known then. */
  #checkLength(): BenchError | undefined {
    this.#request.bytes = Math.max(0, this.contentLength);
    if (this.contentLength >= 0) return undefined;
    return this.#distrusted('S3_NO_LENGTH', 'server', 'was not told the length of the object');
  }

  #distrusted(code: string, errorClass: ErrorClass, what: string): BenchError {
    return new BenchError(`${this.operation} ${this.key} ${what}`, {
      code,
      class: errorClass,
      key: this.key,
      retryable: false,
    });
  }

  protected override finish(error: BenchError | undefined): void {
    const request = this.#request;
    if (error !== undefined) {
      request.endNs = this.context.nowNs();
      if (request.startNs === 0) request.startNs = request.endNs;
    }
    request.connectNs = this.connectNs;
    request.retries = this.retries;
    request.retryNs = this.retryNs;
    request.error = error;
    this.#release(this);
    request.onComplete(request);
  }
}
