import type { Connection } from './connection.ts';

/**
 * Connections that have nothing to do, the one that has waited longest first, so that all stay in use.
 *
 *     ring   [ ][c1][c2][c3][ ][ ]      next to take: c1, next to be put: after c3
 *                ^ first     ^ first + count
 */
export class FreeConnections {
  readonly #ring: (Connection | undefined)[];
  #first = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#ring = new Array<Connection | undefined>(capacity).fill(undefined);
  }

  put(connection: Connection): void {
    let place = this.#first + this.#count++;
    if (place >= this.#ring.length) place -= this.#ring.length;
    this.#ring[place] = connection;
    connection.free = true;
  }

  /** A connection that is still there. */
  take(): Connection | undefined {
    while (this.#count > 0) {
      const connection = this.#ring[this.#first];
      this.#ring[this.#first] = undefined;
      if (++this.#first === this.#ring.length) this.#first = 0;
      this.#count--;
      if (connection === undefined) continue;
      connection.free = false;
      if (!connection.closed) return connection;
    }
    return undefined;
  }

  /** Forgets a connection that was closed while it had nothing to do. */
  remove(connection: Connection): void {
    const kept: Connection[] = [];
    for (let other = this.take(); other !== undefined; other = this.take()) {
      if (other !== connection) kept.push(other);
    }
    for (const other of kept) this.put(other);
  }
}
