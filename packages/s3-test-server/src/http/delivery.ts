import type { Socket } from 'node:net';
import { type Body, bodyLength, joinBody, sliceBody } from './body.ts';
import type { Wire } from './answer.ts';

/** How an answer is put on the wire, where that is not at once and in full. */
export interface Delivery {
  /** Milliseconds before its first byte. */
  readonly delayMs?: number;
  /** Bytes before it: interim answers. */
  readonly before?: Buffer;
  /** These bytes instead of it. */
  readonly instead?: Buffer;
  /** End after so many bytes of the answer, or so many of its body. */
  readonly cut?: Cut;
  /** Write in small pieces. */
  readonly pieces?: Pieces;
}

export interface Cut {
  readonly afterBytes: number;
  /** What `afterBytes` counts from. */
  readonly from: 'start' | 'body';
  readonly end: CutEnd;
}

/** Reset (RST), close (FIN, while still reading), or stay silent with the connection open. */
export type CutEnd = 'reset' | 'close' | 'stall';

export interface Pieces {
  readonly bytes: number;
  /** 0: one after the other, each in a packet of its own as far as TCP allows. */
  readonly everyMs: number;
  readonly part: 'head' | 'all';
}

/** What a delivery does to its connection. */
export interface DeliveryTarget {
  readonly socket: Socket;
  reset(): void;
  /** A timer that is cleared when the connection ends. */
  later(ms: number, then: () => void): void;
  /** The answer is on its way, complete. */
  done(): void;
  /** The connection has no further answer: it was ended, or stalls. */
  dead(): void;
}

/** What was written has this long to leave before a reset throws away what has not. */
const RESET_GRACE_MS = 10;

/** Sends an answer the way `delivery` says. */
export function deliver(wire: Wire, delivery: Delivery, target: DeliveryTarget): void {
  const start = (): void => {
    deliverNow(wire, delivery, target);
  };
  if (delivery.delayMs === undefined || delivery.delayMs <= 0) start();
  else target.later(delivery.delayMs, start);
}

function deliverNow(wire: Wire, delivery: Delivery, target: DeliveryTarget): void {
  const { before, cut, instead, pieces } = delivery;
  if (before !== undefined) target.socket.write(before);
  let bytes: Body = instead === undefined ? wire.bytes : [instead];
  if (cut !== undefined) {
    const head = cut.from === 'body' && instead === undefined ? wire.head : 0;
    bytes = sliceBody(bytes, 0, head + cut.afterBytes);
  }
  const finish = (): void => {
    if (cut === undefined) target.done();
    else endAt(cut.end, target);
  };
  if (pieces !== undefined) writePieces(bytes, wire.head, pieces, target, finish);
  else if (cut === undefined) {
    writeBody(target.socket, bytes);
    finish();
  } else if (bodyLength(bytes) === 0) finish();
  else target.socket.write(joinBody(bytes), finish);
}

/** Writes all pieces in one system call where the socket takes them. */
export function writeBody(socket: Socket, bytes: Body): void {
  const [first] = bytes;
  if (bytes.length === 1 && first !== undefined) {
    socket.write(first);
    return;
  }
  socket.cork();
  for (const piece of bytes) socket.write(piece);
  socket.uncork();
}

function endAt(end: CutEnd, target: DeliveryTarget): void {
  target.dead();
  if (end === 'reset') {
    target.later(RESET_GRACE_MS, () => {
      target.reset();
    });
  } else if (end === 'close') target.socket.end();
}

function writePieces(
  bytes: Body,
  headBytes: number,
  pieces: Pieces,
  target: DeliveryTarget,
  finish: () => void,
): void {
  const all = joinBody(bytes);
  const until = pieces.part === 'all' ? all.length : Math.min(all.length, headBytes);
  const next = (at: number): void => {
    if (at >= until) {
      if (at < all.length) target.socket.write(all.subarray(at));
      finish();
      return;
    }
    const end = Math.min(until, at + pieces.bytes);
    target.socket.write(all.subarray(at, end));
    target.later(pieces.everyMs, () => {
      next(end);
    });
  };
  next(0);
}
