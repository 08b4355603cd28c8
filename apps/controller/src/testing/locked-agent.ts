import { once } from 'node:events';
import { createSecureServer, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { AgentService, PROTOCOL_VERSION } from '@sai3bench/barrier-protocol';
import { TokenGate } from '@sai3bench/control-link';
import type { Secret } from '@sai3bench/secret';

/** How the door of an agent is locked. */
export interface DoorSetup {
  readonly token?: Secret;
  /** Certificate and key; without them it does not speak TLS. */
  readonly identity?: { readonly cert: string; readonly key: string };
  /** Whose certificates controllers must show. */
  readonly clientCa?: string;
  readonly port?: number;
}

/** As much of an agent as a controller needs to find out who it is. */
export interface LockedAgent {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Paths of the calls that got in, and of those that did not. */
  readonly calls: readonly string[];
  readonly refused: readonly string[];
  stop(): Promise<void>;
}

export async function startLockedAgent(setup: DoorSetup): Promise<LockedAgent> {
  const { clientCa, identity, port = 0, token } = setup;
  const gate = new TokenGate(token);
  const [calls, refused]: [string[], string[]] = [[], []];
  const serve = connectNodeAdapter({
    routes: (router) =>
      router.service(AgentService, {
        getInfo: () => ({ version: '0.1.0', protocolVersion: PROTOCOL_VERSION, hostname: 'there' }),
      }),
  });
  const server =
    identity === undefined
      ? createServer()
      : createSecureServer({
          ...identity,
          minVersion: 'TLSv1.3',
          ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true }),
        });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('request', (request, response) => {
    if (gate.answer(request, response)) return;
    const isIn = gate.admits(request);
    (isIn ? calls : refused).push(request.url);
    if (isIn) serve(request, response);
    else response.writeHead(401).end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    calls,
    refused,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
