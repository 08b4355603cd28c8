import type { Socket } from 'node:net';
import type { AgentLog } from '../console/agent-log.ts';

/** Somebody who has connected to the agent's port, from the first byte on. */
export class Visitor {
  /** Address and port of the other end. */
  readonly name: string;
  readonly socket: Socket;
  readonly #log: AgentLog;
  readonly #timer: NodeJS.Timeout;
  #isIn = false;
  #isRefused = false;
  #hasAsked = false;

  /**
   * @param entryLimitMs how long it may stay without having been let in
   * @param onLate called when it has stayed for longer
   */
  constructor(socket: Socket, entryLimitMs: number, log: AgentLog, onLate: () => void) {
    this.name = nameOf(socket);
    this.socket = socket;
    this.#log = log;
    this.#timer = setTimeout(onLate, entryLimitMs);
  }

  /** Whether it has been let in. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** Notes that it has asked for the agent's proof of the token. */
  asked(): void {
    this.#hasAsked = true;
  }

  /** Lets it in; it may stay. */
  admit(): void {
    this.#isIn = true;
    clearTimeout(this.#timer);
  }

  /** Says in the log, once, why it is not let in; returns false when it is in already. */
  refuse(why: string): boolean {
    if (this.#isIn) return false;
    if (!this.#isRefused) this.#log.warn(`Refused a connection from ${this.name}: ${why}`);
    this.#isRefused = true;
    return true;
  }

  /** Ends its connection, of which there is nothing more to say. */
  sendAway(): void {
    this.#isRefused = true;
    this.socket.destroy();
  }

  /** Notes that it has gone away. */
  left(): void {
    clearTimeout(this.#timer);
    if (this.#hasAsked) this.refuse('it has not proved that it knows the token of this agent');
  }
}

/** Tells one connection from another for as long as it is open. */
export function nameOf({
  remoteAddress,
  remotePort,
}: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress ?? 'somebody'} port ${String(remotePort ?? 0)}`;
}
