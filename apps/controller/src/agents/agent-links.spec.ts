import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentLink } from '@sai3bench/coordinator';
import { formatError } from '@sai3bench/errors';
import { Secret } from '@sai3bench/secret';
import {
  AUTHORITY,
  TcpProxy,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@sai3bench/testing';
import { type DoorSetup, type LockedAgent, startLockedAgent } from '../testing/locked-agent.ts';
import { AgentLinks, type LinkOptions } from './agent-links.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const GET_INFO = '/sai3bench.agent.v1.AgentService/GetInfo';
const { agent: AGENT, controller, elsewhere, expired } = AUTHORITY;
const FINGERPRINT = new X509Certificate(AGENT.cert).fingerprint256;

let directory: TemporaryDirectory;
let agents: LockedAgent[];
let notices: string[];

beforeEach(() => {
  directory = temporaryDirectory();
  agents = [];
  notices = [];
});
afterEach(async () => {
  for (const agent of agents) await agent.stop();
  directory.remove();
});

async function startAgent(setup: DoorSetup): Promise<LockedAgent> {
  const agent = await startLockedAgent(setup);
  agents.push(agent);
  return agent;
}

function file(name: string, text: string): string {
  const path = join(directory.path, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function linksWith(options: Partial<LinkOptions>, token = ''): AgentLinks {
  return new AgentLinks(
    { insecure: false, tls: false, ...options },
    { XDG_CONFIG_HOME: directory.path, SAI3BENCH_TOKEN: token },
    (text) => notices.push(text),
  );
}

/** Asks an agent who it is; returns what is said when that fails. */
async function trouble(links: AgentLinks, { address }: LockedAgent): Promise<string | undefined> {
  const link = new AgentLink('a', address, () => links.connect(address));
  try {
    await link.info(5_000);
    return undefined;
  } catch (error) {
    return formatError(error);
  } finally {
    link.close();
  }
}

describe('a link over which nothing comes any more', () => {
  it('is taken to be lost when a ping stays without an answer for grpc_keepalive_timeout', async () => {
    const agent = await startAgent({});
    const proxy = await TcpProxy.start(agent.address);
    const links = new AgentLinks({ insecure: false, tls: false }, {}, () => undefined, {
      ...{ intervalMs: 300, timeoutMs: 700 },
    });
    const link = new AgentLink('a', proxy.address, () => links.connect(proxy.address));
    await link.info(5_000);
    proxy.stall();
    await expect(link.info(60_000)).rejects.toThrow('PING timed out');
    link.close();
    await proxy.stop();
  });
});

describe('a link over TLS with a token', () => {
  it('leads to an agent with a certificate of its own, without another option', async () => {
    const agent = await startAgent({ identity: AGENT, token: new Secret(TOKEN) });
    expect(await trouble(linksWith({ tls: true }, TOKEN), agent)).toBeUndefined();
    expect(agent.calls).toEqual([GET_INFO]);
    expect(notices).toEqual([]);
  });

  it('sends nothing to an agent with another token, and says what to do', async () => {
    const agent = await startAgent({ identity: AGENT, token: new Secret('x'.repeat(32)) });
    const said = await trouble(linksWith({ tls: true }, TOKEN), agent);
    expect(said).toContain('has another token than this host\n  -> copy the token of this host');
    expect([agent.calls, agent.refused]).toEqual([[], []]);
  });

  it('sends nothing to an agent without one', async () => {
    const agent = await startAgent({ identity: AGENT });
    expect(await trouble(linksWith({ tls: true }, TOKEN), agent)).toContain('has no token');
    expect(agent.calls).toEqual([]);
  });

  it('proves itself anew on every connection', async () => {
    const setup = { identity: AGENT, token: new Secret(TOKEN) };
    const first = await startAgent(setup);
    const links = linksWith({ tls: true }, TOKEN);
    const link = new AgentLink('a', first.address, () => links.connect(first.address));
    await link.info(5_000);
    await first.stop();
    agents = [];
    const second = await startAgent({ ...setup, port: Number(first.address.split(':')[1]) });
    await link.info(5_000);
    link.close();
    expect([second.calls, second.refused]).toEqual([[GET_INFO], []]);
  });

  it('says when the certificate is a new one, which the token vouches for', async () => {
    const setup = { identity: AGENT, token: new Secret(TOKEN) };
    const first = await startAgent(setup);
    await trouble(linksWith({ tls: true }, TOKEN), first);
    await first.stop();
    agents = [];
    const port = Number(first.address.split(':')[1]);
    const second = await startAgent({ ...setup, identity: elsewhere, port });
    expect(await trouble(linksWith({ tls: true }, TOKEN), second)).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining('has a new certificate')]);
  });
});

describe('a link over TLS without a token', () => {
  it('trusts a certificate on first use, says so, and refuses another one later', async () => {
    const first = await startAgent({ identity: AGENT });
    expect(await trouble(linksWith({ tls: true }), first)).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining(FINGERPRINT)]);
    const known = join(directory.path, 'sai3bench', 'known_agents');
    expect(readFileSync(known, 'utf8')).toBe(`${first.address} ${FINGERPRINT}\n`);
    expect(await trouble(linksWith({ tls: true }), first)).toBeUndefined();
    expect(notices).toHaveLength(1);
    await first.stop();
    agents = [];
    const port = Number(first.address.split(':')[1]);
    const second = await startAgent({ identity: elsewhere, port });
    const said = await trouble(linksWith({ tls: true }), second);
    expect(said).toContain(`has changed: it was ${FINGERPRINT}`);
    expect(said).toContain(`remove the line of ${first.address} from ${known}`);
    expect(second.calls).toEqual([]);
  });

  it('trusts the certificate that the user names, and no other', async () => {
    const agent = await startAgent({ identity: AGENT });
    const named = linksWith({ agentFingerprint: FINGERPRINT });
    const other = linksWith({ agentFingerprint: 'ab'.repeat(32) });
    expect(await trouble(named, agent)).toBeUndefined();
    expect(await trouble(other, agent)).toContain('which --agent-fingerprint does not name');
  });

  it('trusts what an authority of the user stands for', async () => {
    const agent = await startAgent({ identity: AGENT });
    const tlsCa = file('ca.pem', AUTHORITY.ca);
    expect(await trouble(linksWith({ tlsCa }), agent)).toBeUndefined();
    expect(notices).toEqual([]);
  });

  it.each([
    ['has expired', expired, 'its certificate has expired'],
    ['is for another host', elsewhere, 'its certificate is for another host'],
  ])('refuses a certificate of the authority that %s', async (_, identity, why) => {
    const agent = await startAgent({ identity });
    const said = await trouble(linksWith({ tlsCa: file('ca.pem', AUTHORITY.ca) }), agent);
    expect(said).toContain(`cannot talk to the agent at ${agent.address}: ${why}`);
    expect(said).toContain('\n  -> ');
    expect(agent.calls).toEqual([]);
  });

  it('refuses a certificate that the authority has not signed', async () => {
    const agent = await startAgent({ identity: AGENT });
    const said = await trouble(linksWith({ tlsCa: file('ca.pem', elsewhere.cert) }), agent);
    expect(said).toContain('is not from the authority of --tls-ca');
  });

  it('shows its own certificate to agents that want one', async () => {
    const agent = await startAgent({ identity: AGENT, clientCa: AUTHORITY.ca });
    const own = {
      tlsCert: file('own.pem', controller.cert),
      tlsKey: file('own.key', controller.key),
    };
    expect(await trouble(linksWith(own), agent)).toBeUndefined();
    expect(await trouble(linksWith({ tls: true }), agent)).toContain(
      'it wants a certificate of this controller',
    );
  });
});

describe('a link on this host', () => {
  it('needs no token, and proves one that is there', async () => {
    const [open, locked] = [await startAgent({}), await startAgent({ token: new Secret(TOKEN) })];
    expect(await trouble(linksWith({}), open)).toBeUndefined();
    expect(await trouble(linksWith({}, TOKEN), open)).toBeUndefined();
    expect(await trouble(linksWith({}, TOKEN), locked)).toBeUndefined();
    expect(await trouble(linksWith({}), locked)).toContain('both sides must have the same token');
  });
});

describe('links to other hosts', () => {
  const agent = { id: 'a', address: '10.0.0.1:7167' };
  const local = { id: 'l', address: '127.0.0.1:7167' };

  it('are not opened without a token', () => {
    expect(() => {
      linksWith({}).check([local, agent]);
    }).toThrow(
      expect.objectContaining({
        code: 'LINK_UNLOCKED',
        message: expect.stringContaining('agent a at 10.0.0.1:7167'),
      }),
    );
    expect(() => {
      linksWith({}, TOKEN).check([local, agent]);
    }).not.toThrow();
  });

  it('are warned of where nothing is encrypted, and only there', () => {
    expect(linksWith({ insecure: true }).warnings([local])).toEqual([]);
    expect(linksWith({}, TOKEN).warnings([agent])).toEqual([]);
    const [loud] = linksWith({ insecure: true }).warnings([local, agent, agent]);
    expect(loud).toContain('the link to a (10.0.0.1:7167) and 1 more is NOT ENCRYPTED');
  });

  it('are no way for credentials where nothing is encrypted', () => {
    expect(() => {
      linksWith({ insecure: true }).checkPrivacy([local, agent]);
    }).toThrow(expect.objectContaining({ code: 'FORWARD_IN_THE_CLEAR' }));
    expect(() => {
      linksWith({}, TOKEN).checkPrivacy([local, agent]);
      linksWith({ insecure: true }).checkPrivacy([local]);
    }).not.toThrow();
  });
});
