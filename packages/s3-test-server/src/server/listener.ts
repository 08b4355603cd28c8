import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { BenchError } from '@sai3bench/errors';
import { Connection, type ConnectionOwner } from '../http/connection.ts';
import { readInto } from '../http/read-into.ts';
import { resetSocket } from '../http/reset-socket.ts';

/** Most bytes that are read at once. */
const READ_BYTES = 256 * 1024;

/** Accepts connections and keeps count of them. */
export class Listener {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #opened = 0;
  #received = 0;
  #sent = 0;

  constructor(owner: ConnectionOwner, tls: TlsOptions | undefined) {
    // A client that has sent FIN still gets its answer.
    const options = { allowHalfOpen: true, noDelay: true };
    if (tls === undefined) {
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      this.#server = createServer({ ...options, pauseOnConnect: true }, (accepted) => {
        const socket = readInto(accepted, buffer, (bytes) => {
          connection.onData(bytes);
        });
        this.#track(socket);
        const connection = new Connection(socket, owner, () => {
          resetSocket(socket);
        });
      });
      return;
    }
    // A reset is a matter of the TCP socket beneath, which is known by its port.
    const beneath = new Map<number, Socket>();
    const server = createTlsServer({ ALPNProtocols: ['http/1.1'], ...tls, ...options });
    server.on('connection', (raw: Socket) => {
      this.#track(raw);
      const port = raw.remotePort ?? 0;
      beneath.set(port, raw);
      raw.once('close', () => beneath.delete(port));
    });
    server.on('secureConnection', (socket) => {
      const raw = beneath.get(socket.remotePort ?? 0);
      const connection = new Connection(socket, owner, () => {
        if (raw === undefined) socket.destroy();
        else resetSocket(raw);
      });
      socket.on('data', (bytes: Buffer) => {
        connection.onData(bytes);
      });
    });
    server.on('tlsClientError', (_, socket) => socket.destroy());
    this.#server = server;
  }

  /** Resolves with the port. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) => {
        reject(
          new BenchError(`the S3 test server cannot listen on ${host}:${port}`, {
            code: 'S3_TEST_SERVER_LISTEN',
            class: 'config',
            hint: 'choose another port, or 0 for any that is free',
            cause,
          }),
        );
      });
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  get connections(): { readonly opened: number; readonly open: number } {
    return { opened: this.#opened, open: this.#open.size };
  }

  get bytes(): { readonly received: number; readonly sent: number } {
    let received = this.#received;
    let sent = this.#sent;
    for (const socket of this.#open) {
      received += socket.bytesRead;
      sent += socket.bytesWritten;
    }
    return { received, sent };
  }

  /** Ends all connections and resolves once they are closed and the port is free. */
  async close(): Promise<void> {
    const closed = [...this.#open].map((socket) => once(socket, 'close'));
    const freed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await Promise.all([...closed, freed]);
  }

  #track(socket: Socket): void {
    this.#opened++;
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#received += socket.bytesRead;
      this.#sent += socket.bytesWritten;
    });
  }
}
