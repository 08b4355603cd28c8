import type { SignatureVerifier } from '../auth/signature-verifier.ts';
import { planFaults } from '../faults/fault-plan.ts';
import type { FaultRules } from '../faults/fault-rules.ts';
import type { Answer } from '../http/answer.ts';
import type { ConnectionOwner, Exchange, Responder } from '../http/connection.ts';
import { httpDate } from '../http/http-date.ts';
import type { MalformedRequest, RequestHead } from '../http/request-head.ts';
import { route } from '../operations/route.ts';
import { errorAnswer } from '../refusal/error-answer.ts';
import { refusalFrom } from '../refusal/refusal-from.ts';
import { Refusal } from '../refusal/refusal.ts';
import type { Storage } from '../storage/storage.ts';
import { checkRequest } from './check-request.ts';
import { S3Exchange } from './s3-exchange.ts';
import { RequestCounters, type RequestLog } from './server-stats.ts';
import type { ServiceSettings } from './service-settings.ts';

/** S3 itself: makes an exchange of each request. */
export class S3Service implements ConnectionOwner {
  readonly settings: ServiceSettings;
  readonly storage: Storage;
  readonly faults: FaultRules;
  readonly log: RequestLog;
  readonly counters = new RequestCounters();
  /** Undefined where everybody may do everything. */
  readonly #verifier: SignatureVerifier | undefined;
  #ids = 0;

  constructor(parts: {
    readonly settings: ServiceSettings;
    readonly storage: Storage;
    readonly faults: FaultRules;
    readonly log: RequestLog;
    readonly verifier: SignatureVerifier | undefined;
  }) {
    this.settings = parts.settings;
    this.storage = parts.storage;
    this.faults = parts.faults;
    this.log = parts.log;
    this.#verifier = parts.verifier;
  }

  readonly nextId = (): number => ++this.#ids;

  begin(head: RequestHead, responder: Responder): Exchange {
    const exchange = new S3Exchange(this, head, responder);
    try {
      const request = route(head, this.settings.domains);
      exchange.request = request;
      exchange.plan = planFaults(this.faults.strike(request), this.faults.random);
      exchange.identity = this.#verifier?.verify(head, request.query);
      checkRequest(request, head, exchange.identity, this);
    } catch (error) {
      exchange.refusal = refusalFrom(error);
    }
    this.counters.onRequest(exchange.request?.operation);
    exchange.begin();
    return exchange;
  }

  malformed(problem: MalformedRequest): Answer {
    this.counters.onRequest(undefined);
    const code =
      problem.status === 431
        ? 'RequestHeaderSectionTooLarge'
        : problem.status === 501
          ? 'NotImplemented'
          : 'InvalidRequest';
    const refusal = new Refusal(code, { message: problem.message });
    return this.refuse(refusal, '/');
  }

  /** An answer, complete with the lines that every answer has. */
  finish(answer: Answer, error?: string): Answer {
    return this.#finish(answer, this.#requestId(), error);
  }

  refuse(refusal: Refusal, resource: string): Answer {
    const id = this.#requestId();
    return this.#finish(errorAnswer(refusal, resource, id), id, refusal.code);
  }

  #finish(answer: Answer, requestId: string, error: string | undefined): Answer {
    this.counters.onAnswer(answer.status, error);
    const date = httpDate(this.settings.now());
    const common = `Server: sai3bench\r\nDate: ${date}\r\nx-amz-request-id: ${requestId}\r\n`;
    const { body, headers, status, contentLength } = answer;
    return contentLength === undefined
      ? { status, headers: common + headers, body }
      : { status, headers: common + headers, body, contentLength };
  }

  #requestId(): string {
    return this.nextId().toString(16).toUpperCase().padStart(16, '0');
  }
}
