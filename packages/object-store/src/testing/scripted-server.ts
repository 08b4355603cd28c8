import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A request as the server has read it: the head, and the body as far as it is needed. */
export interface ScriptedRequest {
  readonly head: string;
  readonly body: Buffer;
  /** Counts from 0 over all connections. */
  readonly index: number;
  /** Counts from 0 on this connection. */
  readonly onConnection: number;
  readonly socket: Socket;
}

/** A server that does with each request what it is told, down to the last byte. */
export interface ScriptedServer {
  readonly port: number;
  connections: number;
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>;
  readonly requests: ScriptedRequest[];
  close(): void;
}

/** What to do with a request; a text is sent as it is. */
export type Script = (request: ScriptedRequest) => string | Buffer | undefined;

export interface ScriptOptions {
  /** Call the script when the head is there, before the body. */
  readonly early?: boolean;
}

/** Starts a server that reads HTTP requests with a Content-Length, or without a body, one after the other. */
export async function startScriptedServer(
  script: Script,
  { early = false }: ScriptOptions = {},
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    scripted.connections++;
    let pending = Buffer.alloc(0);
    let onConnection = 0;
    let skip = 0;
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      for (;;) {
        const skipped = Math.min(skip, pending.length);
        skip -= skipped;
        pending = pending.subarray(skipped);
        const end = pending.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = pending.toString('latin1', 0, end);
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
        if (!early && pending.length < end + 4 + length) return;
        const body = early ? Buffer.alloc(0) : pending.subarray(end + 4, end + 4 + length);
        if (early) skip = length;
        pending = pending.subarray(end + 4 + body.length);
        const request = { head, body, index: scripted.requests.length, onConnection, socket };
        onConnection++;
        scripted.requests.push(request);
        const answer = script(request);
        if (answer !== undefined) socket.write(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scripted: ScriptedServer = {
    port: (server.address() as AddressInfo).port,
    connections: 0,
    sockets,
    requests: [],
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return scripted;
}

/** An answer with a length. */
export function answer(status: number, body = '', fields = ''): string {
  return `HTTP/1.1 ${String(status)} Reason\r\n${fields}Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
}
