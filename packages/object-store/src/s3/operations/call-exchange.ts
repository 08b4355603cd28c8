import { BenchError } from '@sai3bench/errors';
import type { PayloadSource, StoreOperation } from '../../store-request.ts';
import { EMPTY_SHA256 } from '../sigv4/canonical-request.ts';
import { encodePath } from '../sigv4/uri-encode.ts';
import type { S3Context } from './s3-context.ts';
import { S3Exchange } from './s3-exchange.ts';

/** A request beside the hot path. */
export interface S3Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** What the operation is called in errors. */
  readonly operation: StoreOperation;
  /** Relative to the store; undefined for the bucket itself. */
  readonly key?: string;
  /** Canonical. */
  readonly query?: string;
  /** Signed and sent. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Content of an object, protected as the store protects payloads. */
  readonly body?: { readonly source: PayloadSource; readonly sizeBytes: number };
  /** XML that tells what to do, instead of content. */
  readonly document?: Uint8Array;
}

/** An answer that says yes. */
export interface S3Answer {
  readonly head: string;
  readonly text: string;
  readonly startNs: number;
  readonly firstByteNs: number;
}

/** When the last attempt of a call took place, and what the call went through before. */
export interface Waited {
  readonly startNs: number;
  /** 0 when no answer came. */
  readonly firstByteNs: number;
  readonly connectNs: number;
  readonly retries: number;
  readonly retryNs: number;
}

/** Answers in XML may be this large: a thousand keys of 1 024 bytes, all encoded, with room to spare. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** A request whose answer is a text, collected. */
class CallExchange extends S3Exchange {
  readonly #call: S3Call;
  readonly #done: (error: BenchError | undefined, answer: S3Answer) => void;
  #pieces: Buffer[] = [];
  #firstByteNs = 0;

  constructor(
    context: S3Context,
    call: S3Call,
    done: (error: BenchError | undefined, answer: S3Answer) => void,
  ) {
    super(context);
    this.#call = call;
    this.#done = done;
    this.reset(call.operation, call.key ?? '');
  }

  override begin(): string {
    this.#pieces = [];
    const { signer, target } = this.place;
    const { body, document, headers = [], key, method } = this.#call;
    const ownPath = key === undefined ? target.bucketPath : target.keyPath + encodePath(key);
    const path = this.redirect?.path ?? ownPath;
    const sentOn = this.redirect?.query ?? '';
    const query = sentOn === '' ? (this.#call.query ?? '') : sentOn;
    if (document !== undefined) {
      const head = this.body.beginDocument(signer, document, method, path, query, headers);
      this.takePiece();
      return head;
    }
    if (body === undefined) {
      this.piece = undefined;
      this.before = '';
      const head = signer.head(method, path, query, headers, EMPTY_SHA256);
      return method === 'GET' ? `${head}\r\n` : `${head}content-length: 0\r\n\r\n`;
    }
    const head = this.body.begin(signer, body.source, body.sizeBytes, method, path, query, headers);
    this.takePiece();
    return head;
  }

  /** Answers are handed out when they are complete; what changes something is not repeated once it had an answer. */
  protected override get handedOut(): boolean {
    return this.#call.method !== 'GET' && super.handedOut;
  }

  protected override sent(): void {
    this.#firstByteNs = 0;
  }

  override onFirstByte(): void {
    this.#firstByteNs = this.context.nowNs();
  }

  protected override accepts(status: number): boolean {
    return status >= 200 && status < 300;
  }

  protected override wantsHead(): boolean {
    return true;
  }

  protected override take(bytes: Buffer, from: number, to: number): void {
    if (this.received <= MAX_TEXT_BYTES) this.#pieces.push(Buffer.from(bytes.subarray(from, to)));
  }

  override onLastByte(): void {
    // The caller takes the time when it has everything.
  }

  protected override check(): BenchError | undefined {
    if (this.received <= MAX_TEXT_BYTES) return undefined;
    return new BenchError(
      `${this.operation} was answered with ${String(this.received)} bytes of text`,
      {
        code: 'S3_ANSWER_TOO_LARGE',
        class: 'server',
        retryable: false,
      },
    );
  }

  /** What it has gone through, once it is over. */
  get waited(): Waited {
    return {
      startNs: this.startNs,
      firstByteNs: this.#firstByteNs,
      connectNs: this.connectNs,
      retries: this.retries,
      retryNs: this.retryNs,
    };
  }

  protected override finish(error: BenchError | undefined): void {
    this.#done(error, {
      head: this.headText,
      text: error === undefined ? Buffer.concat(this.#pieces).toString('utf8') : '',
      startNs: this.startNs,
      firstByteNs: this.#firstByteNs,
    });
  }
}

/**
 * Sends a request beside the hot path; rejects with its `BenchError`.
 *
 * @param onWaited told before that what the call went through, also when it fails
 */
export function callS3(
  context: S3Context,
  call: S3Call,
  onWaited?: (waited: Waited) => void,
): Promise<S3Answer> {
  return new Promise((resolve, reject) => {
    const exchange = new CallExchange(context, call, (error, answer) => {
      onWaited?.(exchange.waited);
      if (error === undefined) resolve(answer);
      else reject(error);
    });
    context.dispatch(exchange, false);
  });
}
