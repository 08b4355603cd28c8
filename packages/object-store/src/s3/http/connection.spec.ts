import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { TrafficCounter } from '../../traffic/traffic-counter.ts';
import { allocateTraffic } from '../../traffic/traffic-layout.ts';
import { Address } from './address-list.ts';
import { Connection } from './connection.ts';
import { HttpExchange, type HttpFailure } from './http-exchange.ts';
import { TICK_MS, TimerWheel } from './timer-wheel.ts';

/** Keeps what is written until the test says that the system has taken it. */
class FakeSocket extends EventEmitter {
  readonly written: string[] = [];
  readonly callbacks: (() => void)[] = [];
  destroyed = false;
  /** As sockets of Node.js tell what the system has not taken yet. */
  readonly _handle = { writeQueueSize: 0 };

  write(data: string | Uint8Array, ...rest: unknown[]): boolean {
    this.written.push(Buffer.from(data as string, 'latin1').toString('latin1'));
    const callback = rest.at(-1);
    if (typeof callback === 'function') this.callbacks.push(callback as () => void);
    return true;
  }

  /** The system has taken the oldest write. */
  take(): void {
    this.callbacks.shift()?.();
  }

  cork(): void {
    this.written.push('[');
  }

  uncork(): void {
    this.written.push(']');
  }

  destroy(): void {
    this.destroyed = true;
  }
}

/** A PUT whose pieces are numbered, and which writes down what happens to it. */
class Put extends HttpExchange {
  readonly log: string[] = [];
  readonly #pieces: number;
  readonly #pieceBytes: number;
  #made = 0;
  onDone: () => void = () => undefined;

  constructor(pieces: number, pieceBytes = 4) {
    super();
    this.#pieces = pieces;
    this.#pieceBytes = pieceBytes;
  }

  override begin(): string {
    this.#made = 0;
    this.nextPiece();
    return 'HEAD ';
  }

  override nextPiece(): void {
    this.piece = Buffer.alloc(this.#pieceBytes, String(this.#made++));
    this.lastPiece = this.#made === this.#pieces;
    this.log.push(`piece ${String(this.#made)}`);
  }

  override onSend(): void {
    this.log.push('send');
  }

  override onFirstByte(): void {
    this.log.push('first byte');
  }

  override onHead(): void {
    this.log.push('head');
  }

  override onBody(): void {
    this.log.push('body');
  }

  override onLastByte(): void {
    this.log.push('last byte');
  }

  override onEnd(): void {
    this.log.push('end');
    this.onDone();
  }

  override onFailure({ kind }: HttpFailure): void {
    this.log.push(kind);
    this.onDone();
  }
}

const LARGE = 100_000;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const NO = 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n';

let socket: FakeSocket;
let connection: Connection;
let free: number;
let receive: (text: string) => void;
let nowMs: number;
let wheel: TimerWheel;

/** Lets time pass. A connection may be idle for 100 ticks. */
function pass(ticks: number): void {
  for (let i = 0; i < ticks; i++) {
    nowMs += TICK_MS;
    wheel.turn();
  }
}

beforeEach(() => {
  nowMs = 0;
  wheel = new TimerWheel(() => nowMs);
  socket = new FakeSocket();
  free = 0;
  connection = new Connection(
    {
      wheel,
      nowNs: () => 0,
      ...{ connectTicks: 100, idleTicks: 100, totalTicks: 1_000 },
      keepAlive: true,
      traffic: new TrafficCounter(allocateTraffic(1), 0),
      connectedEvent: 'connect',
      connect: (_, onRead) => {
        receive = (text) => onRead(text.length, Buffer.from(text, 'latin1'));
        return socket as unknown as Socket;
      },
      free: () => free++,
      gone: () => undefined,
    },
    new Address('192.0.2.1', new Float64Array(16)),
    undefined,
  );
  socket.emit('connect');
});

describe('a connection', () => {
  it.each([4, LARGE])('asks for the next piece only when one of %d bytes was taken', (bytes) => {
    const put = new Put(3, bytes);
    connection.send(put);
    expect(put.log).toEqual(['piece 1', 'send']);
    socket.take();
    expect(put.log).toEqual(['piece 1', 'send', 'piece 2']);
    socket.take();
    socket.take();
    expect(put.log).toEqual(['piece 1', 'send', 'piece 2', 'piece 3']);
    receive(OK);
    expect(put.log.slice(4)).toEqual(['first byte', 'head', 'last byte', 'end']);
    expect(socket.destroyed).toBe(false);
  });

  it('sends head, frame and a large piece at once', () => {
    const put = new Put(1, LARGE);
    [put.before, put.after] = ['<', '>'];
    connection.send(put);
    expect(socket.written.map((text) => text.slice(0, 6))).toEqual([
      '[',
      'HEAD <',
      '000000',
      '>',
      ']',
    ]);
  });

  it('gives a payload back only after its last piece was taken, also when the answer is there before', async () => {
    const put = new Put(1, LARGE);
    connection.send(put);
    receive(OK);
    expect(put.log.at(-1)).toBe('last byte');
    socket.take();
    expect(put.log.at(-1)).toBe('end');
    await turn();
    expect(put.log.at(-1)).toBe('end');
    expect([free, socket.destroyed]).toEqual([2, false]);
  });

  it('does not hold the answer to one exchange against the next', async () => {
    const put = new Put(1, LARGE);
    connection.send(put);
    receive(OK);
    // As a store does: what is done begins anew at once, with the same exchange on the same connection.
    put.onDone = () => connection.send(put);
    socket.take();
    put.onDone = () => undefined;
    await turn();
    expect(put.log.at(-1)).toBe('send');
    socket.take();
    receive(OK);
    expect(put.log.at(-1)).toBe('end');
  });

  it('does not believe a success before the body was taken, and gives the payload back without the socket', async () => {
    const put = new Put(1, LARGE);
    connection.send(put);
    receive(OK);
    put.onDone = () => expect(socket.destroyed).toBe(true);
    await turn();
    expect(put.log.at(-1)).toBe('early-success');
  });

  it('stops sending at an answer that says no, and closes', async () => {
    const put = new Put(3, LARGE);
    connection.send(put);
    receive(NO.slice(0, -2));
    socket.take();
    expect(put.log).not.toContain('piece 3');
    receive('\r\n');
    await turn();
    expect(put.log.at(-1)).toBe('end');
    expect(socket.destroyed).toBe(true);
  });

  it.each(['end', 'close'])('fails when it ends without an answer (%s)', (event) => {
    const put = new Put(3, LARGE);
    connection.send(put);
    socket.emit(event);
    expect(put.log.at(-1)).toBe('closed');
    expect(socket.destroyed).toBe(true);
  });

  it('keeps an answer that was complete before the other side ended', () => {
    const put = new Put(1);
    connection.send(put);
    socket.take();
    receive(OK);
    socket.emit('end');
    expect(put.log.at(-1)).toBe('end');
  });

  it('is not idle while the system takes a large piece bit by bit', () => {
    const put = new Put(1, LARGE);
    connection.send(put);
    for (let queuedBytes = LARGE; queuedBytes > 0; queuedBytes -= LARGE / 5) {
      socket._handle.writeQueueSize = queuedBytes;
      pass(90);
      expect(put.log.at(-1)).toBe('send');
    }
  });

  it('is idle when the system takes no more of a piece', () => {
    const put = new Put(1, LARGE);
    connection.send(put);
    socket._handle.writeQueueSize = LARGE / 2;
    pass(90);
    expect(put.log.at(-1)).toBe('send');
    pass(40);
    expect(put.log.at(-1)).toBe('idle-timeout');
  });

  it('may not take longer for an exchange than it is given, however busy it is', () => {
    const put = new Put(1, LARGE);
    connection.send(put);
    for (let ticks = 0; ticks < 1_000; ticks += 10) {
      expect(put.log.at(-1)).toBe('send');
      socket._handle.writeQueueSize++;
      pass(10);
    }
    expect(put.log.at(-1)).toBe('total-timeout');
  });
});
