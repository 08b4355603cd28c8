import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from '@sai3bench/testing';
import { pingSession } from './session-pings.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A connection by way of a proxy, of which the server's end is pinged. */
async function pingedConnection(): Promise<{ proxy: TcpProxy; session: ServerHttp2Session }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const proxy = await TcpProxy.start(`127.0.0.1:${String(port)}`);
  cleanups.push(() => proxy.stop());
  const accepted = once(server, 'session') as Promise<[ServerHttp2Session]>;
  const client = connect(`http://${proxy.address}`);
  client.on('error', () => undefined);
  cleanups.push(() => {
    client.destroy();
  });
  const connected = once(client, 'connect');
  const [[session]] = await Promise.all([accepted, connected]);
  pingSession(session, { intervalMs: 20, timeoutMs: 200 });
  return { proxy, session };
}

describe('a connection that is pinged', () => {
  it('ends when nothing comes back any more, though it is open', async () => {
    const { proxy, session } = await pingedConnection();
    proxy.stall();
    await once(session, 'close');
    expect(session.destroyed).toBe(true);
  });

  it('stays when answers come back', async () => {
    const { session } = await pingedConnection();
    let answers = 0;
    const ping = (): Promise<void> =>
      new Promise((resolve) => {
        session.ping(() => {
          answers++;
          resolve();
        });
      });
    for (let n = 0; n < 50; n++) await ping();
    expect(answers).toBe(50);
    expect(session.destroyed).toBe(false);
  });
});
