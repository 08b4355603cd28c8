import type { Socket } from 'node:net';
import { type Answer, interimAnswers, serialiseAnswer } from './answer.ts';
import { type Delivery, deliver, type DeliveryTarget, writeBody } from './delivery.ts';
import type { RequestHead } from './request-head.ts';
import { MalformedRequest } from './request-head.ts';
import { RequestParser, type RequestSink } from './request-parser.ts';

/** One request, as its handler sees it. */
export interface Exchange {
  /** A piece of the body; valid only during the call. */
  onBody(piece: Buffer): void;
  onEnd(trailers: ReadonlyMap<string, string>): void;
  /** The client ended before its body did. An answer may still reach it. */
  onIncomplete(): void;
}

/** What a handler can do with a connection. Exactly one answer a request. */
export interface Responder {
  /** Asks for the body, where the client waits for that. */
  sendContinue(): void;
  /** Answers, also before the body has come in full: what comes of it is then read and ignored. */
  answer(answer: Answer, delivery?: Delivery): void;
  /** Ends with a reset, without an answer. */
  reset(): void;
  /** Reads no further, and never answers. */
  stall(): void;
  stopReading(): void;
}

/** Makes an exchange of each request. */
export interface ConnectionOwner {
  begin(head: RequestHead, responder: Responder): Exchange;
  malformed(problem: MalformedRequest): Answer;
}

const CONTINUE = interimAnswers([100]);
const NO_BYTES = Buffer.alloc(0);
/** More than this of pipelined requests is left in the kernel until the answer before them is out. */
const MAX_BACKLOG_BYTES = 256 * 1024;
/** Time for the last bytes of an answer to be read before the connection is reset by what the client still sends. */
const LINGER_MS = 200;

/** An HTTP/1.1 connection: requests come in one after the other, and each is answered before the next is begun. */
export class Connection implements RequestSink, Responder, DeliveryTarget {
  readonly socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #resetSocket: () => void;
  readonly #parser: RequestParser;
  readonly #timers = new Set<NodeJS.Timeout | NodeJS.Immediate>();
  #exchange: Exchange | undefined;
  #head: RequestHead | undefined;
  /** The request's last byte has come. */
  #received = true;
  #answered = true;
  #delivered = true;
  #closing = false;
  #dead = false;
  #backlog = NO_BYTES;
  #feeding = false;
  #inputEnded = false;

  constructor(socket: Socket, owner: ConnectionOwner, resetSocket: () => void) {
    this.socket = socket;
    this.#owner = owner;
    this.#resetSocket = resetSocket;
    this.#parser = new RequestParser(this);
    socket.on('end', () => {
      this.#inputEnded = true;
      this.#onInputEnd();
    });
    socket.on('drain', () => {
      this.#next();
    });
    // What becomes of a connection is the client's business: it is over either way.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.dead();
      this.#clearTimers();
    });
  }

  /** Takes what has come, which is used only during the call. */
  onData(bytes: Buffer): void {
    if (this.#dead) return;
    if (this.#feeding || !this.#isReady() || this.#backlog.length > 0) {
      this.#backlog = Buffer.concat([this.#backlog, bytes]);
      if (this.#backlog.length > MAX_BACKLOG_BYTES) this.socket.pause();
      return;
    }
    this.#feed(bytes);
  }

  /** Whether what comes in can be read: the body of this request, or the next request. */
  #isReady(): boolean {
    return !this.#received || (this.#delivered && !this.socket.writableNeedDrain);
  }

  #feed(bytes: Buffer): void {
    let at = 0;
    this.#feeding = true;
    try {
      while (at < bytes.length && !this.#dead && this.#isReady()) at = this.#parser.feed(bytes, at);
    } catch (error) {
      if (!(error instanceof MalformedRequest)) throw error;
      this.#onMalformed(error);
      return;
    } finally {
      this.#feeding = false;
    }
    if (at < bytes.length && !this.#dead) this.#backlog = Buffer.from(bytes.subarray(at));
  }

  /** Goes on with what has come meanwhile. */
  #next(): void {
    if (this.#feeding || this.#dead || !this.#isReady()) return;
    if (this.#backlog.length > 0) {
      const bytes = this.#backlog;
      this.#backlog = NO_BYTES;
      this.#feed(bytes);
    }
    if (this.socket.isPaused() && this.#backlog.length <= MAX_BACKLOG_BYTES) this.socket.resume();
    if (this.#inputEnded) this.#onInputEnd();
  }

  /** The client has sent FIN. It still gets the answers that it waits for (RFC 9112 section 9.6). */
  #onInputEnd(): void {
    if (this.#dead) {
      this.socket.end();
      return;
    }
    if (this.#backlog.length > 0) return;
    if (!this.#received) {
      this.#received = true;
      if (!this.#answered) this.#exchange?.onIncomplete();
    }
    if (this.#answered && this.#delivered) this.socket.end();
  }

  #onMalformed(problem: MalformedRequest): void {
    if (this.#answered) {
      this.#received = true;
      this.#answered = false;
      this.#delivered = false;
      this.#head = undefined;
      this.answer({ ...this.#owner.malformed(problem), close: true });
    } else this.reset();
  }

  onHead(head: RequestHead): void {
    this.#head = head;
    this.#received = false;
    this.#answered = false;
    this.#delivered = false;
    this.#closing = !head.keepAlive;
    this.#exchange = this.#owner.begin(head, this);
  }

  onBody(piece: Buffer): void {
    if (!this.#answered) this.#exchange?.onBody(piece);
  }

  onEnd(trailers: ReadonlyMap<string, string>): void {
    this.#received = true;
    if (!this.#answered) this.#exchange?.onEnd(trailers);
    else if (this.#delivered) this.#afterExchange();
  }

  sendContinue(): void {
    this.socket.write(CONTINUE);
  }

  answer(answer: Answer, delivery?: Delivery): void {
    if (this.#answered || this.#dead) return;
    this.#answered = true;
    if (answer.close === true) this.#closing = true;
    const closing = this.#closing;
    const wire = serialiseAnswer(
      closing ? { ...answer, close: true } : answer,
      this.#head?.method !== 'HEAD',
    );
    if (delivery === undefined) {
      writeBody(this.socket, wire.bytes);
      this.done();
    } else deliver(wire, delivery, this);
  }

  done(): void {
    this.#delivered = true;
    if (this.#closing || this.#received) this.#afterExchange();
  }

  #afterExchange(): void {
    if (this.#closing) {
      this.#dead = true;
      this.socket.end();
      // Reading on for a moment keeps the kernel from resetting the connection before the answer was read.
      if (!this.#received) this.later(LINGER_MS, () => this.socket.destroy());
      return;
    }
    if (!this.#feeding) this.#next();
  }

  reset(): void {
    this.dead();
    this.#resetSocket();
  }

  stall(): void {
    this.dead();
    this.socket.pause();
  }

  stopReading(): void {
    this.socket.pause();
  }

  dead(): void {
    this.#dead = true;
    this.#answered = true;
    this.#backlog = NO_BYTES;
  }

  later(ms: number, then: () => void): void {
    const onTime = (): void => {
      this.#timers.delete(timer);
      then();
    };
    // No timer is shorter than a millisecond.
    const timer = ms > 0 ? setTimeout(onTime, ms) : setImmediate(onTime);
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) {
      if ('hasRef' in timer && 'refresh' in timer) clearTimeout(timer);
      else clearImmediate(timer);
    }
    this.#timers.clear();
  }
}
