import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Terminal } from '@sai3bench/terminal';
import { temporaryDirectory } from '@sai3bench/testing';
import { AgentServiceHandler } from '../agent-service.ts';
import { AllowList } from '../allowed/allow-list.ts';
import { AgentLog } from '../console/agent-log.ts';
import { serve } from './serve.ts';

/** An agent that tells everything, and the connection of a controller that has begun to open a run. */
async function visited(path: string) {
  let logged = '';
  const sink = { write: (text: string) => (logged += text), isTTY: false, columns: 80 };
  const log = new AgentLog(new Terminal(sink), true);
  const handler = new AgentServiceHandler(log, path, {
    allowed: new AllowList({ targets: [], paths: [] }),
    isPrivate: true,
    allowExec: false,
  });
  const lock = {
    kind: 'local',
    token: undefined,
    identity: undefined,
    clientCa: undefined,
  } as const;
  const server = await serve({ host: '127.0.0.1', port: 0 }, handler, { lock, log });
  const { port } = server.address;
  const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
  const session = connect(`http://127.0.0.1:${String(port)}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  // A run that has not begun yet keeps the connection open until the controller ends it.
  const request = session.request({
    ':method': 'POST',
    ':path': '/sai3bench.agent.v1.AgentService/Run',
    'content-type': 'application/connect+proto',
  });
  request.on('error', () => undefined);
  await new Promise((resolve) => session.ping(resolve));
  return { server, session, socket, logged: () => logged };
}

describe('an agent that listens', () => {
  it.each([
    ['properly', constants.NGHTTP2_NO_ERROR],
    ['with an error', constants.NGHTTP2_CANCEL],
  ])('can be closed while a controller ends its connection %s', async (_, code) => {
    using directory = temporaryDirectory();
    const { server, session } = await visited(directory.path);
    const closed = server.close();
    session.goaway(code);
    setImmediate(() => {
      session.destroy();
    });
    await expect(closed).resolves.toBeUndefined();
  });

  it.each([
    ['says nothing of a connection that its controller needs no more', constants.NGHTTP2_CANCEL, 0],
    ['says in its details which connections have failed', constants.NGHTTP2_PROTOCOL_ERROR, 1],
  ])('%s', async (_, code, lines) => {
    using directory = temporaryDirectory();
    const { logged, server, session } = await visited(directory.path);
    session.goaway(code);
    await once(session, 'close');
    await server.close();
    expect(logged().match(/A connection failed: Session closed with error/g) ?? []).toHaveLength(
      lines,
    );
  });

  it('says nothing of a connection that ends with its controller', async () => {
    using directory = temporaryDirectory();
    const { logged, server, session, socket } = await visited(directory.path);
    const closed = new Promise((resolve) => session.once('close', resolve));
    socket.resetAndDestroy();
    await closed;
    await server.close();
    expect(logged()).not.toMatch(/ECONNRESET|Refused/);
  });
});
