import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { isLoopbackHost } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { AgentLog } from './agent-log.ts';
import type { AgentServiceHandler } from './agent-service.ts';
import { formatAddress, type ListenAddress } from './listen-address.ts';

/** Messages larger than this are refused: plans and commands are small. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** HTTP/2 flow control windows: the default of 64 KiB limits a long link to a few hundred KiB/s. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const SESSION_GRACE_MS = 500;

/** An agent that listens. */
export interface AgentServer {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/**
 * Waits for controllers.
 *
 * @throws BenchError `LISTEN_PORT_TAKEN` or `LISTEN_FAILED` when the address cannot be listened on,
 *   `LISTEN_INSECURE` when it is not loopback and plaintext was not allowed
 */
export async function serve(
  address: ListenAddress,
  insecure: boolean,
  handler: AgentServiceHandler,
  log: AgentLog,
): Promise<AgentServer> {
  if (!isLoopbackHost(address.host) && !insecure) {
    throw new BenchError(
      `${formatAddress(address)} can be reached from other hosts, and the link is not encrypted`,
      {
        code: 'LISTEN_INSECURE',
        class: 'config',
        hint: 'add --insecure here and on sai3bench-ctl if the network can be trusted',
      },
    );
  }
  const server = createServer(
    { settings: { initialWindowSize: WINDOW_BYTES } },
    connectNodeAdapter({
      routes: handler.routes,
      readMaxBytes: MAX_MESSAGE_BYTES,
      acceptCompression: [],
    }),
  );
  const sessions = trackSessions(server, log);
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw listenError(address, cause);
  }
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    address: { host: address.host, port },
    close: async () => {
      server.close();
      for (const session of sessions) session.close();
      const timer = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, SESSION_GRACE_MS);
      await Promise.all([...sessions].map(untilClosed));
      clearTimeout(timer);
    },
  };
}

/** Resolves when a session is closed, however: a controller that breaks it off is no trouble at the end. */
async function untilClosed(session: ServerHttp2Session): Promise<void> {
  await new Promise<void>((resolve) => {
    session.once('close', resolve);
  });
}

/** Keeps the set of open sessions; what goes wrong with one of them is a line in the log, no more. */
function trackSessions(server: Http2Server, log: AgentLog): Set<ServerHttp2Session> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.once('close', () => sessions.delete(session));
  });
  server.on('sessionError', (error: Error) => {
    log.debug(`A connection failed: ${error.message}`);
  });
  return sessions;
}

function listenError(address: ListenAddress, cause: unknown): BenchError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new BenchError(`port ${String(address.port)} on ${address.host} is taken`, {
      code: 'LISTEN_PORT_TAKEN',
      class: 'resource',
      hint: `stop the program that listens there (ss -ltnp 'sport = :${String(address.port)}' shows it), or choose another port with --listen`,
      cause,
    });
  }
  return new BenchError(`cannot listen on ${formatAddress(address)}`, {
    code: 'LISTEN_FAILED',
    class: 'config',
    hint: 'give an address of this host with --listen',
    cause,
  });
}
