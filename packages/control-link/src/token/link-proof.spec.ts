import { once } from 'node:events';
import { type ClientHttp2Session, connect, createSecureServer, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '@sai3bench/secret';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { makeSelfSigned } from '../certificate/self-signed.ts';
import { TrustExchange, type TrustOptions } from '../trust/agent-trust.ts';
import { KnownAgents } from '../trust/known-agents.ts';
import { PROOF_PATH } from './proof-headers.ts';
import { TokenGate } from './token-gate.ts';

const TOKEN = new Secret('0123456789abcdef0123456789abcdef');
const IDENTITY = makeSelfSigned('agent', new Date());
let directory: TemporaryDirectory;
let cleanUps: (() => void)[];

beforeEach(() => {
  directory = temporaryDirectory();
  cleanUps = [];
});
afterEach(() => {
  for (const cleanUp of cleanUps.reverse()) cleanUp();
  directory.remove();
});

/** An agent that tells who may come in; returns its port. */
async function agent(token: Secret | undefined, tls: boolean): Promise<number> {
  const gate = new TokenGate(token);
  const server = tls ? createSecureServer({ ...IDENTITY, minVersion: 'TLSv1.3' }) : createServer();
  server.on('request', (request, response) => {
    if (gate.answer(request, response)) return;
    response.writeHead(gate.admits(request) ? 200 : 401);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function open(port: number, tls = true): Promise<ClientHttp2Session> {
  const session = connect(`${tls ? 'https' : 'http'}://127.0.0.1:${String(port)}`, {
    rejectUnauthorized: false,
  });
  cleanUps.push(() => {
    session.destroy();
  });
  await once(session, 'connect');
  return session;
}

async function ask(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string>,
): Promise<Record<string, unknown>> {
  const stream = session.request({ ':path': path, ...headers });
  stream.resume();
  const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
  return answer;
}

const trust = (token: Secret | undefined): TrustOptions => ({
  token,
  fingerprints: [],
  hasAuthority: false,
  knownAgents: new KnownAgents(join(directory.path, 'known_agents')),
  notice: () => undefined,
});

/** What the agent lets a controller send with every call. */
async function prove(
  session: ClientHttp2Session,
  token: Secret | undefined,
): Promise<string | undefined> {
  const exchange = new TrustExchange('agent:1', trust(token));
  return exchange.conclude(session, await ask(session, PROOF_PATH, exchange.headers));
}

const statusOf = async (session: ClientHttp2Session, authorization?: string): Promise<unknown> => {
  const headers = authorization === undefined ? {} : { authorization };
  return (await ask(session, '/', headers))[':status'];
};

describe.each([
  ['over TLS', true],
  ['in the clear', false],
])('the proof of the token %s', (_, tls) => {
  it('lets a controller in that knows the token', async () => {
    const session = await open(await agent(TOKEN, tls), tls);
    expect(await statusOf(session, await prove(session, TOKEN))).toBe(200);
  });

  it('is never the token itself', async () => {
    const session = await open(await agent(TOKEN, tls), tls);
    expect(await prove(session, TOKEN)).not.toContain(TOKEN.expose());
  });

  it('lets nobody in without one', async () => {
    const session = await open(await agent(TOKEN, tls), tls);
    expect(await statusOf(session)).toBe(401);
    expect(await statusOf(session, `Sai3bench ${'A'.repeat(43)}`)).toBe(401);
    expect(await statusOf(session, TOKEN.expose())).toBe(401);
  });

  it('is of no use on another connection', async () => {
    const port = await agent(TOKEN, tls);
    const [mine, other] = [await open(port, tls), await open(port, tls)];
    const stolen = await prove(mine, TOKEN);
    await prove(other, TOKEN);
    expect(await statusOf(other, stolen)).toBe(401);
  });

  it('fails of another token, before anything is sent', async () => {
    const session = await open(await agent(new Secret('x'.repeat(32)), tls), tls);
    await expect(prove(session, TOKEN)).rejects.toMatchObject({
      code: 'AGENT_UNPROVEN',
      message: expect.stringContaining('another token'),
    });
  });
});

describe('a controller with a token', () => {
  it('does not trust an agent over TLS that says that it has none', async () => {
    const session = await open(await agent(undefined, true));
    await expect(prove(session, TOKEN)).rejects.toMatchObject({ code: 'AGENT_UNPROVEN' });
  });

  it('talks to one on this host that has none', async () => {
    const session = await open(await agent(undefined, false), false);
    expect(await prove(session, TOKEN)).toBeUndefined();
    expect(await statusOf(session)).toBe(200);
  });
});

describe('who sits between controller and agent', () => {
  /** Ends TLS with a certificate of its own and passes on all that is said, both ways. */
  async function impostor(port: number, heard: Buffer[]): Promise<number> {
    const own = makeSelfSigned('agent', new Date());
    const server = createTlsServer({ ...own, ALPNProtocols: ['h2'] }, (victim) => {
      const agentSide = connectTls({
        port,
        host: '127.0.0.1',
        ALPNProtocols: ['h2'],
        rejectUnauthorized: false,
      });
      victim.on('data', (bytes: Buffer) => heard.push(bytes));
      victim.on('error', () => undefined).pipe(agentSide);
      agentSide.on('error', () => undefined).pipe(victim);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('is found out, though the true agent answers behind', async () => {
    const heard: Buffer[] = [];
    const session = await open(await impostor(await agent(TOKEN, true), heard));
    await expect(prove(session, TOKEN)).rejects.toMatchObject({ code: 'AGENT_UNPROVEN' });
    expect(Buffer.concat(heard).includes(TOKEN.expose())).toBe(false);
  });

  it('would pass for the agent without a token, were it not for what is known of it', async () => {
    const port = await agent(undefined, true);
    await prove(await open(port), undefined);
    const session = await open(await impostor(port, []));
    await expect(prove(session, undefined)).rejects.toMatchObject({
      code: 'AGENT_CERTIFICATE_CHANGED',
      hint: expect.stringContaining('known_agents'),
    });
  });
});
