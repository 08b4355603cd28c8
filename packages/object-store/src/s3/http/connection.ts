import type { Socket } from 'node:net';
import type { Address } from './address-list.ts';
import { bytesInQueue } from './bytes-in-queue.ts';
import type { ConnectionContext } from './connection-context.ts';
import type { HttpExchange, HttpFailure, HttpFailureKind } from './http-exchange.ts';
import { JointBytes } from './joint-bytes.ts';
import { ResponseParser, type ResponseHandler } from './response-parser.ts';
import type { Timed } from './timer-wheel.ts';

/**
 * Up to this size a copy of the body is cheaper than a vectored write: a PUT of 4 KiB takes 15 % less CPU. Larger bodies
 * are never copied.
 */
const MAX_COPY_BYTES = 16 * 1024;

/** So often the bytes are looked at that wait to be sent, within the time that a connection may be idle. */
const VISITS_BEFORE_IDLE = 4;

/**
 * A connection that carries one exchange at a time.
 *
 * | state      | begin          | bytes      | answer complete        | time-out, error, end of connection |
 * | ---------- | -------------- | ---------- | ---------------------- | ---------------------------------- |
 * | connecting | waits          | -          | -                      | exchange fails, closed             |
 * | idle       | sends -> busy  | closed     | -                      | closed                             |
 * | busy       | -              | are parsed | -> idle or closed      | exchange fails, closed             |
 * | closed     | -              | -          | -                      | -                                  |
 *
 * A payload buffer is the exchange's again only after the write callback, or after the socket was destroyed: libuv
 * does not look at it any more then.
 */
export class Connection implements ResponseHandler, Timed {
  visitTick = 0;
  readonly address: Address;
  closed = false;
  /** Used by the pool alone: among its free connections. */
  free = false;
  readonly #context: ConnectionContext;
  readonly #parser = new ResponseParser(this);
  readonly #socket: Socket;
  readonly #connectStartNs: number;
  #exchange: HttpExchange | undefined;
  #connected = false;
  /** Bytes of the answer have arrived. */
  #answered = false;
  /** A write of this exchange is not completed. */
  #writing = false;
  /** The system has taken the whole body. */
  #allSent = true;
  /** The answer came while the body was being sent: no more of it is wanted. */
  #stopped = false;
  #answerWaitsForWrite = false;
  #reusable = false;
  /** Exchanges whose answer was complete. */
  #carried = 0;
  /** It was made before there was an exchange for it, and has waited since. */
  readonly #premade: boolean;
  readonly #joint = new JointBytes();
  #startTick: number;
  #activityTick: number;
  /** What the system had not taken yet at the last visit. */
  #queuedBytes = 0;

  constructor(context: ConnectionContext, address: Address, exchange: HttpExchange | undefined) {
    this.#context = context;
    this.address = address;
    this.#exchange = exchange;
    this.#premade = exchange === undefined;
    this.#connectStartNs = context.nowNs();
    this.#startTick = this.#activityTick = context.wheel.tick;
    address.open++;
    this.#socket = context.connect(address, (length, buffer) =>
      this.#read(length, buffer as Buffer),
    );
    this.#socket.once(context.connectedEvent, () => this.#ready());
    this.#socket.on('error', (error) => this.#broke(error));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#ended());
    context.wheel.arm(this, this.#nextVisit());
  }

  get exchange(): HttpExchange | undefined {
    return this.#exchange;
  }

  #ready(): void {
    if (this.closed) return;
    this.#connected = true;
    const connectNs = this.#context.nowNs() - this.#connectStartNs;
    this.address.connected(connectNs);
    this.address.broken = false;
    this.#context.traffic.connected(connectNs);
    const exchange = this.#exchange;
    if (exchange === undefined) this.#context.free(this);
    else this.send(exchange, connectNs);
  }

  /**
   * Starts an exchange on a connection that has nothing to do.
   *
   * @param connectNs how long the exchange has waited for the connection
   */
  send(exchange: HttpExchange, connectNs = 0): void {
    const { traffic, wheel } = this.#context;
    this.#exchange = exchange;
    this.#answered = false;
    this.#answerWaitsForWrite = false;
    this.#stopped = false;
    this.#startTick = this.#activityTick = wheel.tick;
    if (this.visitTick === 0) wheel.arm(this, this.#nextVisit());
    this.#parser.start(exchange.bodyless);
    this.address.requested();
    traffic.requested(exchange.countedFor);
    const head = exchange.begin();
    const piece = exchange.piece;
    exchange.onSend(connectNs);
    if (piece === undefined) {
      this.#allSent = true;
      this.#count(exchange, head.length + exchange.before.length);
      this.#socket.write(exchange.before === '' ? head : head + exchange.before, 'latin1');
      return;
    }
    this.#allSent = false;
    this.#write(exchange, head + exchange.before, piece);
  }

  #count({ countedFor }: HttpExchange, sentBytes: number): void {
    this.address.sent(sentBytes);
    this.#context.traffic.sent(countedFor, sentBytes);
  }

  #write(exchange: HttpExchange, before: string, piece: Uint8Array): void {
    const { after } = exchange;
    this.#writing = true;
    this.#count(exchange, before.length + piece.length + after.length);
    const socket = this.#socket;
    if (piece.length <= MAX_COPY_BYTES) {
      socket.write(this.#joint.of(before, piece, after), this.#onWritten);
      return;
    }
    if (before !== '' || after !== '') socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    if (after === '') socket.write(piece, this.#onWritten);
    else {
      socket.write(piece);
      socket.write(after, 'latin1', this.#onWritten);
    }
    if (before !== '' || after !== '') socket.uncork();
  }

  readonly #onWritten = (error: Error | null | undefined): void => {
    // With an error, the event 'error' follows and says the same.
    if (this.closed || (error !== null && error !== undefined)) return;
    this.#writing = false;
    this.#activityTick = this.#context.wheel.tick;
    if (this.#answerWaitsForWrite) {
      this.#allSent = true;
      this.#complete(this.#reusable);
    } else if (!this.#stopped) this.#sendNext();
  };

  #sendNext(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || exchange.lastPiece) {
      this.#allSent = true;
      return;
    }
    exchange.nextPiece();
    if (exchange.piece !== undefined) this.#write(exchange, exchange.before, exchange.piece);
  }

  #read(length: number, buffer: Buffer): boolean {
    const exchange = this.#exchange;
    this.address.received(length);
    if (this.closed || exchange === undefined) {
      // Nobody asked for this: some servers say that they close the connection by an answer with status 408.
      this.#close();
      return true;
    }
    const { traffic, wheel } = this.#context;
    traffic.received(exchange.countedFor, length);
    this.#activityTick = wheel.tick;
    if (!this.#answered) {
      this.#answered = true;
      exchange.onFirstByte();
    }
    const parser = this.#parser;
    const read = parser.feed(buffer, 0, length);
    if (parser.done) this.#answerComplete(read === length);
    else if (parser.fault !== undefined) this.#fail('illegal', undefined, parser.fault);
    return true;
  }

  onHead(_status: number, bytes: Buffer, from: number, to: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (!this.#allSent && !exchange.lastPiece) this.#stopped = true;
    exchange.onHead(this.#parser.head, bytes, from, to);
  }

  onBody(bytes: Buffer, from: number, to: number): void {
    this.#exchange?.onBody(bytes, from, to);
  }

  #answerComplete(nothingLeft: boolean): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.onLastByte();
    this.#reusable = nothingLeft && this.#context.keepAlive && this.#parser.head.keepAlive;
    if (this.#allSent) this.#complete(this.#reusable);
    else if (this.#writing && exchange.lastPiece) {
      // All is sent, and the write callback on its way, unless the server has answered before it read everything.
      this.#answerWaitsForWrite = true;
      const carried = this.#carried;
      setImmediate(() => {
        // By then the connection may carry another request, even with the same exchange.
        if (this.#carried === carried) this.#answeredEarly();
      });
    } else this.#answeredEarly();
  }

  #answeredEarly(): void {
    if (this.#exchange === undefined || this.#allSent) return;
    if (this.#parser.head.status < 300) this.#fail('early-success');
    else this.#complete(false);
  }

  #complete(reusable: boolean): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#carried++;
    if (reusable) this.#context.free(this);
    else this.#close();
    exchange?.onEnd();
  }

  #ended(): void {
    if (this.closed) return;
    if (this.#answerWaitsForWrite && this.#exchange !== undefined) this.#answeredEarly();
    else if (this.#exchange !== undefined && this.#connected && this.#parser.end())
      this.#answerComplete(false);
    else this.#fail('closed');
  }

  #broke(error: Error): void {
    if (!this.#connected) this.#fail('connect', error);
    else this.#fail('broken', error);
  }

  /** Stops whatever is under way. */
  cancel(): void {
    this.#fail('cancelled');
  }

  #fail(kind: HttpFailureKind, cause?: unknown, detail?: string): void {
    if (this.closed) return;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    const failure: HttpFailure = {
      kind,
      cause,
      detail,
      address: this.address.host,
      answered: this.#answered,
      reused: this.#premade || this.#carried > 0,
      connectNs: this.#connected ? 0 : this.#context.nowNs() - this.#connectStartNs,
    };
    if (exchange !== undefined && kind !== 'cancelled') this.address.failed();
    this.#close(kind === 'cancelled' || this.#connected ? undefined : failure);
    exchange?.onFailure(failure);
  }

  #close(connectFailure?: HttpFailure): void {
    if (this.closed) return;
    this.closed = true;
    this.address.open--;
    this.#socket.destroy();
    this.#context.gone(this, connectFailure);
  }

  /** The earliest moment at which a time-out can be over; before that, to see whether a piece is on its way. */
  #nextVisit(): number {
    const { connectTicks, idleTicks, totalTicks, wheel } = this.#context;
    const late = Math.min(this.#activityTick + idleTicks, this.#startTick + totalTicks);
    const soonest = Math.min(late, wheel.tick + Math.ceil(idleTicks / VISITS_BEFORE_IDLE));
    // Also while connecting no later than an exchange can time out: a visit cannot be moved forward.
    return this.#connected ? soonest : Math.min(this.#startTick + connectTicks, soonest);
  }

  onVisit(tick: number): number {
    if (this.closed || (this.#connected && this.#exchange === undefined)) return 0;
    if (this.#writing) this.#watchWrite(tick);
    const late = this.#late(tick);
    if (late === undefined) return this.#nextVisit();
    this.#fail(late);
    return 0;
  }

  /** The callback of a write comes when all of it was taken, which over a slow line is long after the first bytes were. */
  #watchWrite(tick: number): void {
    const queuedBytes = bytesInQueue(this.#socket);
    if (queuedBytes !== this.#queuedBytes) this.#activityTick = tick;
    this.#queuedBytes = queuedBytes;
  }

  #late(tick: number): HttpFailureKind | undefined {
    const { connectTicks, idleTicks, totalTicks } = this.#context;
    if (!this.#connected && tick >= this.#startTick + connectTicks) return 'connect-timeout';
    if (tick >= this.#startTick + totalTicks) return 'total-timeout';
    if (this.#connected && tick >= this.#activityTick + idleTicks) return 'idle-timeout';
    return undefined;
  }
}
