import type { ResponseHead } from './response-head.ts';

/** How a request failed before its answer was complete. */
export type HttpFailureKind =
  /** No connection came about. */
  | 'connect'
  /** The connection broke: `cause` is the system's error. */
  | 'broken'
  /** The server closed the connection in good order, but too early. */
  | 'closed'
  /** The answer is not HTTP; `detail` says why. */
  | 'illegal'
  | 'connect-timeout'
  | 'idle-timeout'
  | 'total-timeout'
  /** The server called a request a success whose body was not sent yet. */
  | 'early-success'
  | 'cancelled';

/** Why a request has no answer. */
export interface HttpFailure {
  readonly kind: HttpFailureKind;
  readonly detail?: string | undefined;
  readonly cause?: unknown;
  /** Address that was talked to. */
  readonly address?: string | undefined;
  /** A byte of the answer had arrived. */
  readonly answered: boolean;
  /** The connection was there before the request, so the server may have closed it in between. */
  readonly reused: boolean;
  /** How long the exchange had waited for a connection that did not come about. */
  readonly connectNs?: number | undefined;
}

/** Whether no connection came about: nothing was sent, and another address may take it. */
export function isRefusal({ kind }: HttpFailure): boolean {
  return kind === 'connect' || kind === 'connect-timeout';
}

/**
 * One request and its answer, as a connection sees them. The connection asks for the bytes when it can send them, and
 * hands out those of the answer as they come. After `onEnd` or `onFailure` it has forgotten the exchange, which may
 * then be used again.
 */
export abstract class HttpExchange {
  /** Index of the operation that its bytes are counted for. */
  countedFor = 0;
  /** The answer has no body because the request is a HEAD. */
  bodyless = false;
  /** The piece of the body that is to be sent next, and the framing around it. */
  piece: Uint8Array | undefined = undefined;
  before = '';
  after = '';
  /** No other piece follows. */
  lastPiece = true;

  /** Prepares the first piece, if there is a body; returns the head of the request, which begins the sending. */
  abstract begin(): string;
  /** Prepares the next piece; the one before is no longer in use. Not called after the last. */
  abstract nextPiece(): void;
  /** The head is about to be handed to the system; connecting took so long, 0 on a connection that was there. */
  abstract onSend(connectNs: number): void;
  abstract onFirstByte(): void;
  abstract onHead(head: ResponseHead, bytes: Buffer, from: number, to: number): void;
  /** `bytes[from, to)` is valid only during the call. */
  abstract onBody(bytes: Buffer, from: number, to: number): void;
  /** The last byte of the answer was read. */
  abstract onLastByte(): void;
  /** The answer is complete, and the connection is free for the next exchange. */
  abstract onEnd(): void;
  abstract onFailure(failure: HttpFailure): void;
}
