import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from './tcp-proxy.ts';

let server: Server;
let proxy: TcpProxy;
const sockets: Socket[] = [];

/** A server that sends everything back. */
beforeEach(async () => {
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.start(`127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.stop();
  server.close();
});

/** A connection through the proxy, and what has come back over it. */
class Visitor {
  readonly socket: Socket;
  received = '';
  error: NodeJS.ErrnoException | undefined;
  #onData: () => void = () => undefined;

  constructor() {
    const port = Number(proxy.address.split(':')[1]);
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
      this.#onData();
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    sockets.push(this.socket);
  }

  /** Resolves when so much has come back in all. */
  async has(length: number): Promise<void> {
    while (this.received.length < length) {
      await new Promise<void>((resolve) => {
        this.#onData = resolve;
      });
    }
  }

  closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.closed) resolve();
      else this.socket.once('close', resolve);
    });
  }
}

/** Time in which what can arrive would. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('a TCP proxy', () => {
  it('passes everything in both directions', async () => {
    const visitor = new Visitor();
    const text = 'x'.repeat(1_000_000);
    visitor.socket.write(text);
    await visitor.has(text.length);
    expect(visitor.received).toBe(text);
  });

  it('passes the end of what is sent', async () => {
    const visitor = new Visitor();
    visitor.socket.end('last words');
    await visitor.closed();
    expect(visitor.received).toBe('last words');
  });

  it('ends connections when it is cut, and lets none through until it is healed', async () => {
    const visitor = new Visitor();
    visitor.socket.write('a');
    await visitor.has(1);
    proxy.cut();
    await visitor.closed();
    const refused = new Visitor();
    await refused.closed();
    expect(refused.error?.code).toBe('ECONNRESET');
    expect(proxy.accepted).toBe(1);
    proxy.heal();
    const next = new Visitor();
    next.socket.write('b');
    await next.has(1);
  });

  it('resets connections, and lets new ones through', async () => {
    const visitor = new Visitor();
    visitor.socket.write('a');
    await visitor.has(1);
    proxy.reset();
    await visitor.closed();
    expect(visitor.error?.code).toBe('ECONNRESET');
    const next = new Visitor();
    next.socket.write('b');
    await next.has(1);
  });

  it('holds everything back while it is stalled, and passes it afterwards', async () => {
    const visitor = new Visitor();
    visitor.socket.write('a');
    await visitor.has(1);
    proxy.stall();
    visitor.socket.write('b');
    const late = new Visitor();
    late.socket.write('c');
    await aMoment();
    expect(visitor.received + late.received).toBe('a');
    proxy.heal();
    await visitor.has(2);
    await late.has(1);
    expect(visitor.received + late.received).toBe('abc');
  });

  it('never passes anything on connections that it has forgotten, nor that they were closed', async () => {
    const visitor = new Visitor();
    visitor.socket.write('a');
    await visitor.has(1);
    const [far] = sockets.filter((socket) => socket !== visitor.socket);
    proxy.forget();
    visitor.socket.write('b');
    visitor.socket.destroy();
    const next = new Visitor();
    next.socket.write('c');
    await next.has(1);
    await aMoment();
    expect(far?.closed).toBe(false);
    expect(far?.bytesRead).toBe(1);
    proxy.heal();
    await aMoment();
    expect(far?.bytesRead).toBe(1);
  });

  it('delays every byte, there and back', async () => {
    proxy.slowDown({ delayMs: 40 });
    const visitor = new Visitor();
    await once(visitor.socket, 'connect');
    const startMs = performance.now();
    visitor.socket.write('a');
    await visitor.has(1);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(79);
  });

  it('lets no more pass in a second than it is told', async () => {
    proxy.slowDown({ bytesPerSecond: 200_000 });
    const visitor = new Visitor();
    await once(visitor.socket, 'connect');
    const startMs = performance.now();
    visitor.socket.write('x'.repeat(20_000));
    await visitor.has(20_000);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(99);
  });
});
