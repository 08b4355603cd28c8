import type { Server, Socket } from 'node:net';
import type { AgentLog } from '../agent-log.ts';

/** The first byte of a TLS connection, and of an HTTP/2 connection without TLS. */
const TLS_HANDSHAKE = 0x16;
const HTTP2_PREFACE = 'P'.charCodeAt(0);
/** Tells who speaks TLS that nobody here does: a fatal alert, "protocol version". */
const NO_TLS_HERE = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46]);

/** Takes connections from the door. */
type Room = Pick<Server, 'emit'>;

export interface DoorOptions {
  /** Whether visitors are to speak TLS. */
  readonly tls: boolean;
  /** Where those go who speak as they should. */
  readonly inside: Room;
  /** Where those go who should speak TLS and do not, to be told so. */
  readonly outside: Room;
  /** How long a visitor may stay without having been let in, in ms. */
  readonly entryLimitMs: number;
  readonly log: AgentLog;
}

/** Somebody who has connected and has not been let in. */
interface Visitor {
  readonly name: string;
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
  /** Whether it has been told what was wrong with it; nobody is told twice. */
  isRefused: boolean;
  /** Whether it has asked for the agent's proof of the token. */
  hasAsked: boolean;
}

/** A connection, or what stands for it. */
export type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Stands before an agent's port: sends away who does not speak the agent's language, or does not get in within its time,
 * with one line in the log for each. What the others do is not its business.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #visitors = new Map<string, Visitor>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Takes a new connection. */
  enter(socket: Socket): void {
    const { entryLimitMs } = this.#options;
    const name = nameOf(socket);
    const timer = setTimeout(() => {
      this.#say(visitor, `it has not got in within ${String(entryLimitMs / 1000)} s`);
      socket.destroy();
    }, entryLimitMs);
    const visitor: Visitor = { name, socket, timer, isRefused: false, hasAsked: false };
    this.#visitors.set(name, visitor);
    socket.on('error', () => undefined); // Who goes away without a word is no trouble; "close" follows.
    socket.once('close', () => {
      this.#leave(visitor);
    });
    socket.once('readable', () => {
      this.#hear(socket);
    });
  }

  /** Notes that a visitor has asked for the agent's proof of the token. */
  asked(peer: Peer): void {
    const visitor = this.#visitors.get(nameOf(peer));
    if (visitor !== undefined) visitor.hasAsked = true;
  }

  /** Notes that a visitor has been let in; it may stay. */
  admit(peer: Peer): void {
    const name = nameOf(peer);
    clearTimeout(this.#visitors.get(name)?.timer);
    this.#visitors.delete(name);
  }

  /** Says in the log, once, why a visitor is not let in; false for those who are in already. */
  refuse(peer: Peer, why: string): boolean {
    const visitor = this.#visitors.get(nameOf(peer));
    if (visitor === undefined) return false;
    this.#say(visitor, why);
    return true;
  }

  /** Sends everybody away who has not been let in. */
  close(): void {
    for (const { socket } of this.#visitors.values()) socket.destroy();
  }

  #leave(visitor: Visitor): void {
    clearTimeout(visitor.timer);
    if (this.#visitors.get(visitor.name) !== visitor) return;
    if (visitor.hasAsked)
      this.#say(visitor, 'it has not proved that it knows the token of this agent');
    this.#visitors.delete(visitor.name);
  }

  #say(visitor: Visitor, why: string): void {
    if (!visitor.isRefused) {
      this.#options.log.warn(`Refused a connection from ${visitor.name}: ${why}`);
    }
    visitor.isRefused = true;
  }

  #hear(socket: Socket): void {
    const bytes = socket.read() as Buffer | null;
    const first = bytes?.[0];
    if (bytes === null || first === undefined) return; // It has closed its side.
    socket.unshift(bytes);
    const { inside, outside, tls } = this.#options;
    if (first === (tls ? TLS_HANDSHAKE : HTTP2_PREFACE)) {
      inside.emit('connection', socket);
    } else if (tls && first === HTTP2_PREFACE) {
      this.refuse(socket, 'it does not speak TLS');
      outside.emit('connection', socket);
    } else if (first === TLS_HANDSHAKE) {
      this.refuse(socket, 'it speaks TLS, and this agent does not');
      socket.end(NO_TLS_HERE);
    } else {
      this.refuse(socket, 'what it sends is not HTTP/2');
      socket.destroy();
    }
  }
}

function nameOf({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress ?? 'somebody'} port ${String(remotePort ?? 0)}`;
}
