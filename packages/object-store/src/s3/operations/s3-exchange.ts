import type { BenchError } from '@sai3bench/errors';
import { operationIndex } from '@sai3bench/stats';
import type { StoreOperation } from '../../store-request.ts';
import { answerError, failureError } from '../answer-error.ts';
import { headerField } from '../http/header-field.ts';
import { HttpExchange, type HttpFailure, isRefusal } from '../http/http-exchange.ts';
import type { ResponseHead } from '../http/response-head.ts';
import { type Timed, TimerWheel } from '../http/timer-wheel.ts';
import type { RedirectTarget } from '../redirect-target.ts';
import { regionHint } from '../region-hint.ts';
import type { Detour, S3Place } from '../s3-places.ts';
import { RequestBody } from './request-body.ts';
import type { S3Context } from './s3-context.ts';

/** Of the body of an answer that says no, this much is kept. */
const MAX_ERROR_BYTES = 64 * 1024;
/** How often an operation gets another connection because the server had closed the one that it was given. */
const MAX_RECONNECTS = 2;

/**
 * A request to S3 with its answer, over as many attempts as it takes. Sub-classes say what is asked, and what is done
 * with an answer that says yes.
 */
export abstract class S3Exchange extends HttpExchange implements Timed {
  visitTick = 0;
  protected readonly context: S3Context;
  protected readonly body: RequestBody;
  protected operation: StoreOperation = 'GET';
  /** Without the prefix of the store. */
  protected key = '';
  protected status = 0;
  /** What the answer says its body has, -1 when it does not say. */
  protected contentLength = -1;
  /** Payload bytes of the answer that were handed out. */
  protected received = 0;
  /** Attempts that failed and were followed by another. */
  protected retries = 0;
  /** What all attempts together waited for connections, those included that did not come about. */
  protected connectNs = 0;
  /** When the first attempt began, or got no connection. */
  protected firstStartNs = 0;
  /** When the present attempt began; 0 before the first that got a connection. */
  protected startNs = 0;
  /** Where the request goes. */
  protected place: S3Place;
  /** Its path and query there, when it was sent on to it. */
  protected redirect: RedirectTarget | undefined = undefined;
  /** What the server said that sent the request elsewhere. */
  #sentOn: BenchError | undefined = undefined;
  #reconnects = 0;
  /** Addresses of the place that have not taken a connection for the present attempt. */
  #refusals = 0;
  /** Status line and fields of an answer that says no, or that the operation wants to see. */
  protected headText = '';
  #errorText = '';
  /** The answer says yes. */
  #fine = false;

  constructor(context: S3Context) {
    super();
    this.context = context;
    this.place = context.places.current;
    this.body = new RequestBody(context);
  }

  /** Gets ready for another operation. */
  protected reset(operation: StoreOperation, key: string): void {
    this.operation = operation;
    this.countedFor = operationIndex(operation);
    this.key = key;
    this.retries = 0;
    this.connectNs = 0;
    this.firstStartNs = 0;
    this.startNs = 0;
    this.#reconnects = 0;
    this.place = this.context.places.current;
    this.redirect = undefined;
    this.#sentOn = undefined;
    this.#forget();
  }

  /** Forgets the answer to the attempt before. */
  #forget(): void {
    this.status = 0;
    this.contentLength = -1;
    this.received = 0;
    this.headText = '';
    this.#errorText = '';
    this.#fine = false;
    this.#refusals = 0;
  }

  protected takePiece(): void {
    const { body } = this;
    this.piece = body.piece;
    this.before = body.before;
    this.after = body.after;
    this.lastPiece = body.last;
  }

  override nextPiece(): void {
    this.body.next();
    this.takePiece();
  }

  override onSend(connectNs: number): void {
    this.connectNs += connectNs;
    this.startNs = this.context.nowNs();
    if (this.firstStartNs === 0) this.firstStartNs = this.startNs;
    this.sent();
  }

  override onHead(head: ResponseHead, bytes: Buffer, from: number, to: number): void {
    this.status = head.status;
    this.contentLength = head.contentLength;
    this.#fine = this.accepts(head.status);
    if (!this.#fine || this.wantsHead()) this.headText = bytes.toString('latin1', from, to);
  }

  override onBody(bytes: Buffer, from: number, to: number): void {
    if (this.#fine) {
      this.take(bytes, from, to);
      this.received += to - from;
    } else if (this.#errorText.length < MAX_ERROR_BYTES)
      this.#errorText += bytes.toString('latin1', from, to);
  }

  override onEnd(): void {
    if (!this.#fine) {
      this.#refused();
      return;
    }
    if (this.#sentOn !== undefined) this.#arrived();
    const error = this.check();
    if (error === undefined) this.finish(undefined);
    else this.#failed(error);
  }

  #refused(): void {
    // The body was kept byte by byte.
    const body = Buffer.from(this.#errorText, 'latin1').toString('utf8');
    const answer = { status: this.status, head: this.headText, body };
    const error = answerError(this.operation, this.#about(), answer);
    const region = regionHint(answer);
    const elsewhere = region !== undefined && region !== this.place.region;
    if (this.#sentOn === undefined) {
      const { places } = this.context;
      const location = this.status === 307 ? headerField(answer.head, 'location') : undefined;
      const detour = elsewhere
        ? places.inRegion(region)
        : location && places.at(this.place, location);
      if (detour) this.#sendOn(detour, error);
      else this.#failed(error);
    } else if (elsewhere || (region !== undefined && this.status < 400)) {
      // Back where it came from: what was said there is what helps.
      if (this.redirect === undefined) this.context.places.refuse(this.place);
      this.#failed(this.#sentOn);
    } else {
      this.#arrived();
      this.#failed(error);
    }
  }

  /** Sends the request once more, to where the server says that it belongs. */
  #sendOn({ place, redirect }: Detour, said: BenchError): void {
    this.place = place;
    this.redirect = redirect;
    this.#sentOn = said;
    this.#forget();
    this.context.dispatch(this, false);
  }

  /** The place that the request was sent on to is the right one. */
  #arrived(): void {
    if (this.redirect === undefined) this.context.places.adopt(this.place);
  }

  override onFailure(failure: HttpFailure): void {
    const { answered, connectNs = 0, kind, reused } = failure;
    this.connectNs += connectNs;
    const stale = reused && !answered && (kind === 'broken' || kind === 'closed');
    if (stale && this.#reconnects < MAX_RECONNECTS) {
      // The server had closed the connection before it saw this request: nobody's error (RFC 9112 section 9.3.1).
      this.#reconnects++;
      this.context.traffic.reconnected();
      this.context.dispatch(this, true);
      return;
    }
    const { addresses } = this.place;
    if (isRefusal(failure) && addresses.usable && this.#refusals < addresses.current.length) {
      this.#refusals++;
      this.context.dispatch(this, true);
      return;
    }
    const progress = {
      operation: this.operation,
      inBody: this.#fine,
      bytes: this.received,
      expectedBytes: this.contentLength,
    };
    this.#failed(failureError(progress, this.#about(), failure));
  }

  /** Where it is to be sent to. */
  get destination(): S3Place {
    return this.place;
  }

  /** The operation did not get as far as a connection. */
  refuse(error: BenchError): void {
    this.finish(error);
  }

  #failed(error: BenchError): void {
    const delayMs = this.handedOut ? undefined : this.context.retry.delayMs(error, this.retries);
    if (delayMs === undefined || error.class === 'cancelled') {
      this.finish(error);
      return;
    }
    this.retries++;
    if (this.firstStartNs === 0) this.firstStartNs = this.context.nowNs();
    this.#forget();
    this.context.backOff(this);
    const { wheel } = this.context;
    wheel.arm(this, wheel.tick + TimerWheel.ticks(delayMs));
  }

  /** The time of the back-off is over. */
  onVisit(): number {
    this.context.backOffOver(this);
    return 0;
  }

  /** From the beginning of the first attempt to that of the last. */
  protected get retryNs(): number {
    return this.startNs === 0 ? 0 : this.startNs - this.firstStartNs;
  }

  #about(): { endpoint: string; bucket: string; key: string } {
    const { bucket, endpoint, prefix } = this.context;
    return { endpoint, bucket, key: prefix + this.key };
  }

  /** Whether the caller has got something of the answer, which cannot be taken back. */
  protected get handedOut(): boolean {
    return this.received > 0;
  }
  /** The head was handed to the system at `startNs`. */
  protected abstract sent(): void;
  /** Whether a status says yes. */
  protected abstract accepts(status: number): boolean;
  /** Whether the fields of an answer that says yes are needed. */
  protected abstract wantsHead(): boolean;
  /** A piece of the body of an answer that says yes. */
  protected abstract take(bytes: Buffer, from: number, to: number): void;
  /** What is wrong with an answer that says yes. */
  protected abstract check(): BenchError | undefined;
  /** The operation is over. */
  protected abstract finish(error: BenchError | undefined): void;
}
