import type { Identity } from '../auth/signature-verifier.ts';
import type { RequestFault } from '../faults/fault.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Answer } from '../http/answer.ts';
import type { Exchange, Responder } from '../http/connection.ts';
import type { RequestHead } from '../http/request-head.ts';
import { HANDLERS } from '../operations/handlers.ts';
import type { ReceivedPayload, S3Operation, S3Request } from '../operations/operation.ts';
import {
  type BodyCollector,
  BodyCounter,
  GrowingCollector,
  SizedCollector,
} from '../payload/body-collector.ts';
import { isAwsChunked, verifyPayload } from '../payload/verify-payload.ts';
import { Refusal } from '../refusal/refusal.ts';
import { refusalFrom } from '../refusal/refusal-from.ts';
import { hasContent } from './check-request.ts';
import type { S3Service } from './s3-service.ts';
import type { RequestRecord } from './server-stats.ts';

/** Longest document that tells what to do: 1000 keys for DeleteObjects, 10 000 parts. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const NO_PAYLOAD: ReceivedPayload = { data: Buffer.alloc(0), checksum: undefined, length: 0 };

const NO_KEY_ERROR = (): undefined => undefined;

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** One request to S3, from its head to its answer. */
export class S3Exchange implements Exchange {
  readonly #service: S3Service;
  readonly #head: RequestHead;
  readonly #responder: Responder;
  /** Undefined where it is none that the server knows. */
  request: S3Request | undefined;
  identity: Identity | undefined;
  plan: FaultPlan | undefined;
  /** Why it is not carried out. */
  refusal: Refusal | undefined;
  #body: BodyCollector | undefined;
  #record: Mutable<RequestRecord> | undefined;
  /** Answered, or given up. */
  #over = false;

  constructor(service: S3Service, head: RequestHead, responder: Responder) {
    this.#service = service;
    this.#head = head;
    this.#responder = responder;
  }

  /** Called once all fields are set. */
  begin(): void {
    if (this.#service.log.isKept) this.#startRecord(this.request?.operation);
    this.refusal = this.plan?.refusal ?? this.refusal;
    if (this.#strikeEarly(0)) return;
    if (!this.#head.expectsContinue) return;
    if (this.refusal === undefined) this.#responder.sendContinue();
    // Whether the body will still come is not known, so what follows cannot be read.
    else this.#answer(this.#refuse(this.refusal), true);
  }

  onBody(piece: Buffer): void {
    if (this.#over) return;
    this.#body ??= this.#collector();
    this.#body.add(piece);
    if (this.#record !== undefined) this.#record.bodyBytes = this.#body.length;
    if (this.plan !== undefined) this.#strikeEarly(this.#body.length);
  }

  onEnd(trailers: ReadonlyMap<string, string>): void {
    if (this.#over) return;
    this.#answer(this.#carryOut(trailers), false);
  }

  onIncomplete(): void {
    if (!this.#over) this.#answer(this.#refuse(new Refusal('IncompleteBody')), true);
  }

  #collector(): BodyCollector {
    const { request } = this;
    const { contentLength } = this.#head;
    const { keepBodies, maxBodyBytes } = this.#service.settings;
    if (this.refusal !== undefined || request === undefined) return new BodyCounter();
    if (hasContent(request.operation)) {
      if (!keepBodies) return new BodyCounter();
      return contentLength === undefined
        ? new GrowingCollector(maxBodyBytes)
        : new SizedCollector(contentLength);
    }
    return new GrowingCollector(MAX_DOCUMENT_BYTES);
  }

  #carryOut(trailers: ReadonlyMap<string, string>): Answer {
    const { request } = this;
    if (this.refusal !== undefined || request === undefined) {
      return this.#refuse(this.refusal ?? new Refusal('InternalError'));
    }
    const { nextId, settings, storage } = this.#service;
    try {
      const payload = this.#payload(request, trailers);
      const nowMs = settings.now();
      const keyError = this.plan?.keyError ?? NO_KEY_ERROR;
      return this.#service.finish(
        HANDLERS[request.operation]({
          ...{ request, storage, settings, nowMs, payload, keyError, nextId },
        }),
      );
    } catch (error) {
      return this.#refuse(refusalFrom(error));
    }
  }

  #payload(request: S3Request, trailers: ReadonlyMap<string, string>): ReceivedPayload {
    const { headers } = request;
    const received = this.#body?.length ?? 0;
    if (received === 0 && !isAwsChunked(headers) && !hasContent(request.operation)) {
      return NO_PAYLOAD;
    }
    const { keepBodies } = this.#service.settings;
    if (!keepBodies && hasContent(request.operation)) {
      const decoded = isAwsChunked(headers)
        ? headers.get('x-amz-decoded-content-length')
        : undefined;
      return { ...NO_PAYLOAD, length: decoded === undefined ? received : Number(decoded) };
    }
    const limit = hasContent(request.operation)
      ? this.#service.settings.maxBodyBytes
      : MAX_DOCUMENT_BYTES;
    if (received > limit) throw new Refusal('EntityTooLarge');
    const body = this.#body?.take() ?? NO_PAYLOAD.data;
    const payload = verifyPayload(body, headers, trailers, this.identity);
    return { ...payload, length: payload.data.length };
  }

  #refuse(refusal: Refusal): Answer {
    if (this.#record !== undefined) this.#record.error = refusal.code;
    return this.#service.refuse(refusal, this.#head.target);
  }

  #answer(answer: Answer, close: boolean): void {
    this.#over = true;
    const { plan } = this;
    let altered = plan === undefined ? answer : plan.alter(answer);
    if (close) altered = { ...altered, close };
    if (this.#record !== undefined) this.#record.status = altered.status;
    this.#responder.answer(altered, plan?.delivery);
  }

  /** Does what a fault wants done once so much of the body is there. Says whether the request is over by that. */
  #strikeEarly(received: number): boolean {
    const fault = this.plan?.onRequest;
    if (fault === undefined || received < fault.afterBodyBytes) return false;
    this.#over = true;
    this.#strike(fault);
    return true;
  }

  #strike(fault: RequestFault): void {
    switch (fault.kind) {
      case 'reset-request':
        this.#responder.reset();
        break;
      case 'stall-request':
        this.#responder.stall();
        break;
      case 'early-answer': {
        const answer = this.#refuse(new Refusal(fault.code));
        this.#answer(answer, fault.then === 'close');
        if (fault.then === 'stop-reading') this.#responder.stopReading();
        break;
      }
    }
  }

  #startRecord(operation: S3Operation | undefined): void {
    const { headers, method, target } = this.#head;
    this.#record = {
      atMs: this.#service.settings.now(),
      operation,
      method,
      target,
      headers,
      bodyBytes: 0,
      status: undefined,
      error: undefined,
    };
    this.#service.log.add(this.#record);
  }
}
