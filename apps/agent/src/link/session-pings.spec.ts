import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TcpProxy } from '@sai3bench/testing';
import { type PingedSession, pingSession } from './session-pings.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  jest.useRealTimers();
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

/** A connection whose answers the test gives. */
function fakeSession(): { session: PingedSession; answer: () => void } {
  const answers: (() => void)[] = [];
  const session = {
    destroyed: false,
    destroy: () => {
      session.destroyed = true;
    },
    ping: (answered: () => void) => {
      answers.push(answered);
      return true;
    },
    once: () => session,
  };
  return {
    session: session as unknown as PingedSession,
    answer: () => {
      for (const answered of answers.splice(0)) answered();
    },
  };
}

describe('a connection that is pinged', () => {
  it('ends when nothing comes back any more, though it is open', async () => {
    const { proxy, session } = await pingedConnection();
    proxy.stall();
    await once(session, 'close');
    expect(session.destroyed).toBe(true);
  });

  it('stays when answers come back, and ends when one does not', () => {
    jest.useFakeTimers();
    const { answer, session } = fakeSession();
    pingSession(session, { intervalMs: 20, timeoutMs: 200 });
    for (let round = 0; round < 50; round++) {
      jest.advanceTimersByTime(190);
      answer();
    }
    expect(session.destroyed).toBe(false);
    jest.advanceTimersByTime(250);
    expect(session.destroyed).toBe(true);
  });

  it('stays when an answer is read late, because this process stood still', () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const { answer, session } = fakeSession();
    pingSession(session, { intervalMs: 20, timeoutMs: 200 });
    jest.advanceTimersByTime(250);
    answer();
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        expect(session.destroyed).toBe(false);
        resolve();
      });
    });
  });
});
