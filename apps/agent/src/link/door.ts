import type { Server, Socket } from 'node:net';
import type { AgentLog } from '../console/agent-log.ts';
import { Crowd } from './crowd.ts';
import { nameOf, Visitor } from './visitor.ts';

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
  /** Connections at a time. */
  readonly maxConnections: number;
  readonly log: AgentLog;
}

/**
 * Stands before an agent's port: sends away who does not speak the agent's language, or does not get in within its time,
 * with one line in the log for each, or for all of a flood of them. What the others do is not its business.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #crowd: Crowd<Visitor>;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#crowd = new Crowd(options.maxConnections, options.log);
  }

  /** Takes a new connection. */
  enter(socket: Socket): void {
    const { entryLimitMs, log } = this.#options;
    const visitor = new Visitor(socket, entryLimitMs, log, () => {
      // Of a flood there is a line already.
      if (!this.#crowd.isFlood) {
        visitor.refuse(`it has not got in within ${String(entryLimitMs / 1000)} s`);
      }
      visitor.sendAway();
    });
    socket.on('error', () => undefined); // Who goes away without a word is no trouble; "close" follows.
    socket.once('close', () => {
      this.#crowd.remove(visitor);
      visitor.left();
    });
    if (!this.#crowd.add(visitor)) {
      visitor.sendAway();
      return;
    }
    socket.once('readable', () => {
      this.#hear(visitor);
    });
  }

  /** Who is at the other end of an open connection. */
  visitorOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): Visitor | undefined {
    return this.#crowd.find(nameOf(socket));
  }

  /** Ends all connections. */
  close(): void {
    this.#crowd.close();
  }

  #hear(visitor: Visitor): void {
    const { socket } = visitor;
    const bytes = socket.read() as Buffer | null;
    const first = bytes?.[0];
    if (bytes === null || first === undefined) return; // It has closed its side.
    socket.unshift(bytes);
    const { inside, outside, tls } = this.#options;
    if (first === (tls ? TLS_HANDSHAKE : HTTP2_PREFACE)) {
      inside.emit('connection', socket);
    } else if (tls && first === HTTP2_PREFACE) {
      visitor.refuse('it does not speak TLS');
      outside.emit('connection', socket);
    } else if (first === TLS_HANDSHAKE) {
      visitor.refuse('it speaks TLS, and this agent does not');
      socket.end(NO_TLS_HERE);
    } else {
      visitor.refuse('what it sends is not HTTP/2');
      socket.destroy();
    }
  }
}
