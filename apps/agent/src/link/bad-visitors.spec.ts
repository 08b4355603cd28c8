import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { AgentService, ErrorDetailSchema } from '@sai3bench/barrier-protocol';
import { ownIdentity } from '@sai3bench/control-link';
import { Secret } from '@sai3bench/secret';
import { Terminal } from '@sai3bench/terminal';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { AgentServiceHandler } from '../agent-service.ts';
import { AllowList } from '../allowed/allow-list.ts';
import { AgentLog } from '../console/agent-log.ts';
import type { AgentLock } from './agent-lock.ts';
import { MAX_CONNECTIONS, MAX_MESSAGE_BYTES } from './limits.ts';
import { type AgentServer, serve } from './serve.ts';

/** Long enough for who is let in, also where the machine is busy. */
const ENTRY_LIMIT_MS = 1_500;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const token = new Secret('0123456789abcdef0123456789abcdef');

let directory: TemporaryDirectory;
let server: AgentServer | undefined;
let logged: string;

beforeEach(() => {
  directory = temporaryDirectory();
  logged = '';
});
afterEach(async () => {
  await server?.close();
  directory.remove();
});

/** An agent behind its door. */
async function start(
  lock: Partial<AgentLock> = {},
  entryLimitMs = 60_000,
): Promise<{ port: number; address: string }> {
  const sink = { write: (text: string) => (logged += text), isTTY: false, columns: 80 };
  const log = new AgentLog(new Terminal(sink), false);
  server = await serve(
    { host: '127.0.0.1', port: 0 },
    new AgentServiceHandler(log, directory.path, {
      allowed: new AllowList({ targets: [], paths: [] }),
      ...{ allowExec: false, isPrivate: true },
    }),
    {
      lock: {
        ...{ kind: 'local', token: undefined, identity: undefined, clientCa: undefined },
        ...lock,
      },
      log,
      entryLimitMs,
    },
  );
  const { port } = server.address;
  return { port, address: `127.0.0.1:${String(port)}` };
}

function tls(): Pick<AgentLock, 'identity' | 'kind'> {
  return { kind: 'tls', identity: ownIdentity({ XDG_CONFIG_HOME: directory.path }, new Date()) };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket.resume();
}

/** How an agent answers one who calls it by a name. */
async function askBy(authority: string, port: number): Promise<number> {
  const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/sai3bench.agent.v1.AgentService/GetInfo',
    ':authority': authority,
    'content-type': 'application/proto',
  });
  stream.end();
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  stream.resume();
  await once(stream, 'end');
  session.destroy();
  return Number(headers[':status']);
}

/** What the log says of visitors that were not let in. */
const refusals = (): string[] => logged.split('\n').filter((line) => line.startsWith('Refused a'));

/** Waits until the log contains a text. */
async function said(text: string): Promise<void> {
  while (!logged.includes(text)) await new Promise((resolve) => setImmediate(resolve));
}

/** Asks an agent without a lock who it is; another path shows that the agent still serves. */
async function ask(address: string): Promise<string> {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createConnectTransport({ baseUrl, httpVersion: '2', sessionManager });
  try {
    return (await createClient(AgentService, transport).getInfo({})).version;
  } finally {
    sessionManager.abort();
  }
}

it.each(['::1:7167', '[', 'a:b:c', '%', 'example.org:99999'])(
  'an agent answers who calls it by the name %j',
  async (authority) => {
    const { port } = await start();
    expect(await askBy(authority, port)).toBe(200);
  },
);

describe('an agent sends away, with one line in its log, and goes on,', () => {
  it.each([
    ['garbage', 'nonsense\r\n\r\n', 'what it sends is not HTTP/2'],
    ['HTTP/1.1', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'what it sends is not HTTP/2'],
    ['what begins like HTTP/2', 'POST / HTTP/1.1\r\n\r\n', 'what it sends is not HTTP/2'],
    ['frames that make no sense', `${PREFACE}${'\xff'.repeat(64)}`, 'what it sends is not HTTP/2'],
    ['TLS', '\x16\x03\x01\x00\x05hello', 'it speaks TLS, and this agent does not'],
  ])('who sends %s', async (_, bytes, why) => {
    const { address, port } = await start();
    const socket = await dial(port);
    socket.write(Buffer.from(bytes, 'latin1'));
    await once(socket, 'close');
    expect(refusals()).toEqual([expect.stringContaining(why)]);
    expect(await ask(address)).toMatch(/^\d/);
  });

  it.each([
    ['nothing at all', ''],
    ['no more than the beginning', PREFACE.slice(0, 5)],
    ['no request', PREFACE],
  ])('who sends %s in time', async (_, bytes) => {
    const { address, port } = await start({}, ENTRY_LIMIT_MS);
    const socket = await dial(port);
    socket.write(bytes);
    await once(socket, 'close');
    expect(refusals()).toEqual([
      expect.stringMatching(/^Refused a connection from 127\.0\.0\.1 port \d+: it has not got in/),
    ]);
    expect(await ask(address)).toMatch(/^\d/);
  });

  it('who does not speak TLS, and tells it why', async () => {
    const { address } = await start(tls());
    const error: unknown = await ask(address).catch((caught: unknown) => caught);
    const refusal = ConnectError.from(error);
    expect([refusal.code, refusal.rawMessage]).toEqual([
      Code.PermissionDenied,
      'this agent speaks TLS only',
    ]);
    expect(refusal.findDetails(ErrorDetailSchema)).toMatchObject([
      { errorClass: 'auth', hint: 'give --tls to sai3bench-ctl' },
    ]);
    expect(refusals()).toEqual([expect.stringContaining('it does not speak TLS')]);
  });

  it('who speaks TLS to an agent that does not, and tells it so', async () => {
    const { port } = await start();
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const [error] = (await once(socket, 'error')) as [Error & { code: string }];
    expect(error.code).toMatch(/PROTOCOL_VERSION/);
    expect(refusals()).toHaveLength(1);
  });

  it('who fails at TLS', async () => {
    const { port } = await start(tls());
    const socket = connectTls({
      ...{ port, host: '127.0.0.1', rejectUnauthorized: false },
      maxVersion: 'TLSv1.2',
    });
    await once(socket, 'error');
    expect(refusals()).toEqual([expect.stringContaining('the TLS handshake failed')]);
  });

  it('who does not know the token, and tells it so', async () => {
    const { address } = await start({ token });
    const error: unknown = await ask(address).catch((caught: unknown) => caught);
    expect(ConnectError.from(error)).toMatchObject({
      code: Code.Unauthenticated,
      rawMessage: 'this agent is locked by a token, and the controller has none',
    });
    expect(refusals()).toEqual([
      expect.stringContaining('it does not know the token of this agent'),
    ]);
  });

  it('who asks for a proof and gives none', async () => {
    const { port } = await start({ token });
    const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
    const stream = session.request({ ':path': '/sai3bench/link-proof' }).resume();
    await once(stream, 'response');
    session.close();
    await once(session, 'close');
    await said('it has not proved');
    expect(refusals().join()).toMatch(/it has not proved that it knows the token/);
  });

  it.each(['Preflight', 'Run'])('who sends a message to %s that is too long', async (call) => {
    const { address, port } = await start();
    const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
    session.on('error', () => undefined);
    const stream = session.request({
      ':method': 'POST',
      ':path': `/sai3bench.agent.v1.AgentService/${call}`,
      'content-type': 'application/connect+proto',
    });
    stream.on('error', () => undefined);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(MAX_MESSAGE_BYTES + 1, 1);
    stream.write(head);
    let answer = '';
    stream.setEncoding('utf8').on('data', (text: string) => (answer += text));
    await once(stream, 'end');
    session.destroy();
    expect(answer).toContain('resource_exhausted');
    expect(logged.match(/^Refused a call from 127\.0\.0\.1 port \d+: .*/gm)).toHaveLength(1);
    expect(await ask(address)).toMatch(/^\d/);
  });

  it('who sends a message that is too long to a call of one message', async () => {
    const { address, port } = await start();
    const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
    session.on('error', () => undefined);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/sai3bench.agent.v1.AgentService/GetInfo',
      'content-type': 'application/proto',
    });
    stream.on('error', () => undefined).resume();
    const answered = once(stream, 'response');
    stream.end(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
    const [{ ':status': status }] = (await answered) as [Record<string, unknown>];
    session.destroy();
    expect(status).toBe(429);
    await said('its message is too long');
    expect(logged).toMatch(/^Refused a call from 127\.0\.0\.1 port \d+: its message is too long$/m);
    expect(await ask(address)).toMatch(/^\d/);
  });

  it('who sends headers that are too long', async () => {
    const { address, port } = await start();
    const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
    session.on('error', () => undefined);
    await once(session, 'remoteSettings');
    const headers = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`x-${String(index)}`, 'y'.repeat(1_000)]),
    );
    const stream = session.request({ ':path': '/', ...headers });
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).not.toBe(0);
    session.destroy();
    expect(await ask(address)).toMatch(/^\d/);
  });
});

describe('many who say nothing', () => {
  const all = 300;
  const dialAll = (port: number): Promise<Socket[]> =>
    Promise.all(Array.from({ length: all }, () => dial(port)));
  const open = (sockets: readonly Socket[]): number =>
    sockets.filter(({ closed }) => !closed).length;

  it('keep no controller out: those who came first make room, with one line in the log', async () => {
    const { address, port } = await start({ token });
    const session = connectHttp2(`http://${address}`).on('error', () => undefined);
    const closed = new Promise((resolve) => session.once('close', resolve));
    await once(session, 'remoteSettings');
    const sockets = await dialAll(port);
    const error: unknown = await ask(address).catch((caught: unknown) => caught);
    expect(ConnectError.from(error).code).toBe(Code.Unauthenticated);
    await closed;
    while (open(sockets) >= MAX_CONNECTIONS) await new Promise((resolve) => setImmediate(resolve));
    expect(refusals()).toEqual([
      expect.stringMatching(/: more than 256 are open, and those go first that have waited/),
      expect.stringContaining('it does not know the token of this agent'),
    ]);
  });

  it('take no room from those who have been let in', async () => {
    const { address, port } = await start();
    const session = connectHttp2(`http://${address}`);
    await once(session.request({ ':path': '/' }).resume(), 'response');
    await dialAll(port);
    expect(await ask(address)).toMatch(/^\d/);
    expect(session.closed).toBe(false);
    await once(session.request({ ':path': '/' }).resume(), 'response');
    session.destroy();
    expect(refusals()).toHaveLength(1);
  });
});

describe('who has been let in', () => {
  it('may stay longer than others', async () => {
    const { port } = await start({}, ENTRY_LIMIT_MS);
    const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
    const request = (): Promise<unknown> =>
      once(session.request({ ':path': '/' }).resume(), 'response');
    await request();
    await new Promise((resolve) => setTimeout(resolve, 1.2 * ENTRY_LIMIT_MS));
    await request();
    session.destroy();
    expect(refusals()).toEqual([]);
  });
});
