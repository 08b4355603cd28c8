import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** A guard against servers that hang, wide enough for a busy machine. */
const PATIENCE_MS = 120_000;

/** A socket that keeps what it gets, for tests that look at bytes. */
export class RawClient {
  readonly socket: Socket;
  readonly #pieces: Buffer[] = [];
  /** How the connection ended: with FIN, or with a reset. */
  ending: 'open' | 'end' | 'reset' = 'open';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece: Buffer) => this.#pieces.push(piece));
    socket.on('end', () => (this.ending = 'end'));
    socket.on('error', () => (this.ending = 'reset'));
  }

  static async connect(host: string): Promise<RawClient> {
    const colon = host.lastIndexOf(':');
    const options = { host: host.slice(0, colon), port: Number(host.slice(colon + 1)) };
    const socket = createConnection({ ...options, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('latin1');
  }

  /** Number of pieces in which the text came. */
  get pieces(): number {
    return this.#pieces.length;
  }

  send(text: string | Buffer): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves with the text once it holds what is looked for. */
  async receives(what: string | RegExp): Promise<string> {
    const found = (): boolean =>
      typeof what === 'string' ? this.text.includes(what) : this.text.search(what) >= 0;
    await this.#until(() => found() || this.ending !== 'open');
    if (!found()) throw new Error(`ended (${this.ending}) without ${String(what)}: ${this.text}`);
    return this.text;
  }

  /** Resolves with the text once the server has ended the connection. */
  async ends(): Promise<string> {
    await this.#until(() => this.ending !== 'open');
    return this.text;
  }

  /** Resolves with the text if nothing has come for some time and the connection is still open. */
  async staysSilent(ms = 60): Promise<string> {
    const before = this.#pieces.length;
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.ending !== 'open' || this.#pieces.length > before) {
      throw new Error(`not silent but ${this.ending}: ${this.text}`);
    }
    return this.text;
  }

  close(): void {
    this.socket.destroy();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const events = ['data', 'end', 'close'].map((event) => once(this.socket, event, { signal }));
      await Promise.race(events).catch((error: unknown) => {
        if (signal.aborted) throw new Error(`waited in vain, got: ${this.text}`, { cause: error });
      });
      for (const event of events) event.catch(() => undefined);
    }
  }
}
