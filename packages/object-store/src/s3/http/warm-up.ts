import type { Connection } from './connection.ts';
import type { HttpFailure } from './http-exchange.ts';

/** Connections that are being made before there is anything to send. It is over when each of them is there, or is not. */
export class WarmUp {
  readonly #pending = new Set<Connection>();
  #firstFailure: HttpFailure | undefined;
  #end: () => void = () => undefined;

  /** Another connection has begun to connect. */
  awaits(connection: Connection): void {
    this.#pending.add(connection);
  }

  /** Resolves when none is pending, with what was the first to go wrong, if anything did. */
  async begin(): Promise<HttpFailure | undefined> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#end = resolve));
    return this.#firstFailure;
  }

  /** A connection is there, or is gone because it `failed`; nothing when it is none of these. */
  settled(connection: Connection, failed: HttpFailure | undefined): void {
    if (!this.#pending.delete(connection)) return;
    this.#firstFailure ??= failed;
    if (this.#pending.size === 0) this.#end();
  }
}
