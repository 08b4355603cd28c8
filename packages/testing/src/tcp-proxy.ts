import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type LinkSpeed, ProxiedFlow } from './proxied-flow.ts';
import { resetSocket } from './reset-socket.ts';

/** A TCP proxy on a free port of the loopback interface, which loses, holds up and slows down what goes through it. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #links = new Set<ProxiedLink>();
  #speed: LinkSpeed = { delayMs: 0, bytesPerSecond: Infinity };
  #isCut = false;
  #isStalled = false;
  #accepted = 0;

  private constructor(target: string) {
    const url = new URL(`tcp://${target}`);
    this.#target = { host: url.hostname, port: Number(url.port) };
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
  }

  /**
   * Starts a proxy.
   *
   * @param target is the `host:port` that it leads to
   */
  static async start(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** How many connections it has let through so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Ends all connections, and refuses new ones until {@link heal}. */
  cut(): void {
    this.#isCut = true;
    for (const link of this.#links) link.end();
  }

  /** Resets all connections (RST). New ones are let through. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /** Lets nothing pass any more, and keeps all connections; what was held up passes after {@link heal}. */
  stall(): void {
    this.#isStalled = true;
    for (const link of this.#links) link.hold();
  }

  /**
   * Forgets all connections as a firewall does: they stay open on both sides, and nothing ever passes again, not even
   * that one of them is closed. New ones are let through.
   */
  forget(): void {
    for (const link of this.#links) link.forget();
  }

  /** Slows down what passes from now on. */
  slowDown(speed: Partial<LinkSpeed>): void {
    this.#speed = { ...this.#speed, ...speed };
    for (const link of this.#links) link.slowDown(this.#speed);
  }

  /** Takes back {@link cut} and {@link stall}. */
  heal(): void {
    this.#isCut = false;
    this.#isStalled = false;
    for (const link of this.#links) link.goOn();
  }

  /** Ends it with all connections. */
  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    if (this.#isCut) {
      near.on('error', () => undefined); // Whoever is refused may have reset it already.
      resetSocket(near);
      return;
    }
    this.#accepted++;
    const far = connect({ ...this.#target, allowHalfOpen: true });
    const link = new ProxiedLink(near, far, () => this.#links.delete(link));
    this.#links.add(link);
    link.slowDown(this.#speed);
    if (this.#isStalled) link.hold();
  }
}

/** Two sockets, and what flows between them. */
class ProxiedLink {
  readonly #sockets: readonly [Socket, Socket];
  readonly #flows: readonly [ProxiedFlow, ProxiedFlow];
  #isForgotten = false;

  constructor(near: Socket, far: Socket, onClosed: () => void) {
    this.#sockets = [near, far];
    this.#flows = [new ProxiedFlow(near, far), new ProxiedFlow(far, near)];
    let open = this.#sockets.length;
    for (const socket of this.#sockets) {
      socket.on('error', () => {
        if (!this.#isForgotten) this.reset();
      });
      socket.once('close', () => {
        if (--open === 0) onClosed();
        else if (!this.#isForgotten) this.#flows[socket === near ? 0 : 1].close();
      });
    }
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  reset(): void {
    for (const socket of this.#sockets) resetSocket(socket);
  }

  hold(): void {
    for (const flow of this.#flows) flow.hold();
  }

  goOn(): void {
    if (!this.#isForgotten) for (const flow of this.#flows) flow.goOn();
  }

  forget(): void {
    this.#isForgotten = true;
    this.hold();
  }

  slowDown(speed: LinkSpeed): void {
    for (const flow of this.#flows) flow.speed = speed;
  }
}
