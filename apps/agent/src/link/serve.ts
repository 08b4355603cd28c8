import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2Session,
} from 'node:http2';
import { createServer as createListener, type Server, type Socket } from 'node:net';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { TokenGate } from '@sai3bench/control-link';
import { BenchError, summarizeError, systemCode } from '@sai3bench/errors';
import type { AgentServiceHandler } from '../agent-service.ts';
import type { AgentLog } from '../console/agent-log.ts';
import type { AgentLock } from './agent-lock.ts';
import { Door } from './door.ts';
import {
  ENTRY_LIMIT_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_SENT_BYTES,
  MAX_STREAMS,
  PINGS,
  WINDOW_BYTES,
} from './limits.ts';
import { formatAddress, type ListenAddress } from './listen-address.ts';
import { refuse, tlsOnly, wrongToken } from './refusal.ts';
import { pingSession } from './session-pings.ts';
import { callerValues, tellRefusals, tellRefusedUnary } from './tell-refusals.ts';
import { nameOf, type Visitor } from './visitor.ts';

/** Open connections, and who is at the other end. */
type Sessions = Map<Http2Session, Visitor>;

const SESSION_GRACE_MS = 500;

/** An agent that listens. */
export interface AgentServer {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** How an agent is served. */
export interface ServeOptions {
  readonly lock: AgentLock;
  readonly log: AgentLog;
  /** How long somebody may be connected without being let in, in ms. */
  readonly entryLimitMs?: number;
}

/**
 * Waits for controllers.
 *
 * @throws BenchError `LISTEN_PORT_TAKEN` or `LISTEN_FAILED` when the address cannot be listened on
 */
export async function serve(
  address: ListenAddress,
  handler: Pick<AgentServiceHandler, 'routes'>,
  { entryLimitMs = ENTRY_LIMIT_MS, lock, log }: ServeOptions,
): Promise<AgentServer> {
  const inside = createHttp2(lock);
  const door = new Door({
    tls: lock.kind === 'tls',
    inside,
    outside: createServer((request, response) => {
      refuse(request, response, tlsOnly(request.socket.remoteAddress));
    }),
    entryLimitMs,
    maxConnections: MAX_CONNECTIONS,
    log,
  });
  const sessions = trackSessions(inside, door, log);
  letIn(inside, lock, handler, sessions, log);
  const listener = await listen(address, door);
  const bound = listener.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    address: { host: address.host, port },
    close: async () => {
      listener.close();
      for (const session of sessions.keys()) session.close();
      const timer = setTimeout(() => {
        for (const session of sessions.keys()) session.destroy();
      }, SESSION_GRACE_MS);
      await Promise.all([...sessions.keys()].map(untilClosed));
      clearTimeout(timer);
      door.close();
    },
  };
}

function createHttp2({ clientCa, identity }: AgentLock): Http2Server | Http2SecureServer {
  const options = {
    settings: {
      initialWindowSize: WINDOW_BYTES,
      maxConcurrentStreams: MAX_STREAMS,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
  };
  if (identity === undefined) return createServer(options);
  const { cert, key } = identity;
  return createSecureServer({
    ...options,
    ...{ cert, key, minVersion: 'TLSv1.3' },
    ...(clientCa === undefined
      ? {}
      : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
}

/** Passes on the requests of those who know the token. */
function letIn(
  server: Http2Server | Http2SecureServer,
  { token }: AgentLock,
  handler: Pick<AgentServiceHandler, 'routes'>,
  sessions: Sessions,
  log: AgentLog,
): void {
  const gate = new TokenGate(token);
  const serveCalls = connectNodeAdapter({
    routes: handler.routes,
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_SENT_BYTES,
    acceptCompression: [],
    interceptors: [tellRefusals(log)],
    contextValues: ({ socket }) => callerValues(nameOf(socket)),
  });
  server.on('request', (request, response) => {
    const { session } = request.stream;
    const visitor = session === undefined ? undefined : sessions.get(session);
    if (visitor === undefined) return; // The connection has broken.
    if (gate.answer(request, response)) {
      if (token !== undefined) visitor.asked();
    } else if (gate.admits(request)) {
      visitor.admit();
      response.once('close', () => {
        tellRefusedUnary(response.statusCode, visitor.name, log);
      });
      // By what name it was called plays no part. Node.js itself calls an IPv6 address without brackets, on which connect-node
      // throws, as on any other that is not one.
      request.headers[':authority'] = 'agent';
      serveCalls(request, response);
    } else {
      visitor.refuse('it does not know the token of this agent');
      refuse(request, response, wrongToken(request.headers.authorization !== undefined));
    }
  });
}

async function listen(address: ListenAddress, door: Door): Promise<Server> {
  const listener = createListener({ noDelay: true }, (socket) => {
    door.enter(socket);
  });
  listener.listen(address.port, address.host);
  try {
    await once(listener, 'listening');
  } catch (cause) {
    throw listenError(address, cause);
  }
  return listener;
}

/** Resolves when a session is closed, however: a controller that breaks it off is no trouble at the end. */
async function untilClosed(session: Http2Session): Promise<void> {
  await new Promise<void>((resolve) => {
    session.once('close', resolve);
  });
}

/** Keeps the set of open sessions; what goes wrong with one of them is a line in the log, no more. */
function trackSessions(
  server: Http2Server | Http2SecureServer,
  door: Door,
  log: AgentLog,
): Sessions {
  const sessions: Sessions = new Map();
  server.on('session', (session) => {
    const visitor = door.visitorOf(session.socket);
    if (visitor === undefined) {
      session.destroy(); // It is gone already.
      return;
    }
    sessions.set(session, visitor);
    session.setLocalWindowSize(WINDOW_BYTES);
    pingSession(session, PINGS);
    session.once('close', () => sessions.delete(session));
    let isCalledOff = false;
    session.once('goaway', (code: number) => {
      isCalledOff = code === constants.NGHTTP2_CANCEL;
    });
    session.once('error', (error: NodeJS.ErrnoException) => {
      // So ends a controller its connections that needs them no more, and so do they end with a controller that ends at once. A
      // run that it leaves says so itself.
      if (isCalledOff || error.code === 'ECONNRESET') return;
      const why = `what it sends is not HTTP/2: ${summarizeError(error)}`;
      if (!visitor.refuse(why)) log.debug(`A connection failed: ${error.message}`);
    });
  });
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    door.visitorOf(socket)?.refuse(`the TLS handshake failed: ${summarizeError(error)}`);
  });
  return sessions;
}

function listenError(address: ListenAddress, cause: unknown): BenchError {
  const code = systemCode(cause);
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
