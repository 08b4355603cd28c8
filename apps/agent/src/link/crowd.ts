import type { AgentLog } from '../console/agent-log.ts';
import type { Visitor } from './visitor.ts';

/** What is to be known of somebody who is connected. */
export type Present = Pick<Visitor, 'isIn' | 'name' | 'sendAway'>;

/**
 * Everybody who is connected at the moment. There is room for so many: where it is full, the one goes that has been waiting the
 * longest to be let in, so that who says nothing keeps nobody out. The log has one line about it until nobody waits any more.
 */
export class Crowd<Who extends Present> {
  readonly #limit: number;
  readonly #log: Pick<AgentLog, 'warn'>;
  /** In the order in which they came. */
  readonly #visitors = new Map<string, Who>();
  #isFlood = false;
  #isFull = false;

  /** @param limit connections at a time */
  constructor(limit: number, log: Pick<AgentLog, 'warn'>) {
    this.#limit = limit;
    this.#log = log;
  }

  /** Whether there are, or lately were, more than there is room for. Those who are sent away for it are told of together. */
  get isFlood(): boolean {
    return this.#isFlood;
  }

  /** Takes somebody in; returns false when there is no room, because all have been let in. */
  add(visitor: Who): boolean {
    if (this.#visitors.size >= this.#limit && !this.#makeRoom(visitor)) return false;
    this.#visitors.set(visitor.name, visitor);
    return true;
  }

  find(name: string): Who | undefined {
    return this.#visitors.get(name);
  }

  /** Notes that somebody has gone. */
  remove(visitor: Who): void {
    if (this.#visitors.get(visitor.name) === visitor) this.#visitors.delete(visitor.name);
    this.#isFull &&= this.#visitors.size >= this.#limit;
    this.#isFlood &&= this.#waiting !== undefined;
  }

  /** Ends all connections. */
  close(): void {
    for (const visitor of this.#visitors.values()) visitor.sendAway();
  }

  /** Who has waited the longest to be let in. */
  get #waiting(): Who | undefined {
    for (const visitor of this.#visitors.values()) if (!visitor.isIn) return visitor;
    return undefined;
  }

  #makeRoom(newcomer: Who): boolean {
    const oldest = this.#waiting;
    const limit = String(this.#limit);
    if (oldest === undefined) {
      if (!this.#isFull) {
        this.#log.warn(
          `Refused a connection from ${newcomer.name}, and refusing more: ${limit} are open and in use`,
        );
      }
      this.#isFull = true;
      return false;
    }
    if (!this.#isFlood) {
      this.#log.warn(
        `Refused a connection from ${oldest.name}, and refusing more: more than ${limit} are open, and those go first that have waited longest to be let in`,
      );
    }
    this.#isFlood = true;
    this.#visitors.delete(oldest.name);
    oldest.sendAway();
    return true;
  }
}
