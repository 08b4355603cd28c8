import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AUTHORITY,
  type Child,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@sai3bench/testing';
import {
  runController,
  startAgent,
  startAgentProgram,
  startController,
} from './support/programs.ts';
import { askOverTls, reachableAddress, visit } from './support/visitors.ts';
import { inWorkspace } from './support/workspace.ts';

const TOKEN = '3f9c1b7d5e2a48609b1d7c3e5f2a4860';
const WORKLOAD =
  'target: "null:"\nduration: 200ms\nconcurrency: 2\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]\n';

let directory: TemporaryDirectory;
let started: Child[];

beforeEach(() => {
  directory = temporaryDirectory();
  started = [];
});
afterEach(async () => {
  for (const child of started) await child.stop();
  directory.remove();
});

/** The home of the user of a host, with a token in its default place. */
function host(name: string, token?: string): Record<string, string> {
  const home = join(directory.path, name);
  mkdirSync(join(home, 'sai3bench'), { recursive: true });
  if (token !== undefined) {
    writeFileSync(join(home, 'sai3bench', 'token'), `${token}\n`, { mode: 0o600 });
  }
  return { XDG_CONFIG_HOME: home };
}

/** `-v run` of a workload that names the agent, and nothing else on the command line. */
async function runOn(
  address: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<{ exitCode: number | NodeJS.Signals; output: string }> {
  return runIn(`${WORKLOAD}distributed: {agents: [{address: "${address}"}]}\n`, env, args);
}

async function runIn(
  yaml: string,
  env: Record<string, string>,
  args: readonly string[],
): Promise<{ exitCode: number | NodeJS.Signals; output: string }> {
  let ended: Awaited<ReturnType<typeof runController>> = { exitCode: -1, output: '' };
  await inWorkspace(async (workspace) => {
    const config = workspace.workload('s3_single_node.yaml', yaml);
    ended = await runController(
      workspace.path,
      [...args, '-v', 'run', '--config', config, '--start-delay', '0'],
      env,
    );
    if (ended.exitCode === 2) expect(workspace.results()).toEqual([]);
  });
  return ended;
}

/** Starts an agent on a free port of an address of this host. */
async function agentOn(
  host: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<{ agent: Child; address: string }> {
  const agent = startAgentProgram(['-v', '--listen', `${host}:0`, ...args], env);
  started.push(agent);
  const listens = /listening \(\w+\) on (\S+:\d+)/;
  await agent.printed(listens);
  return { agent, address: listens.exec(agent.output())?.[1] ?? '' };
}

const refusals = (agent: Child): string[] =>
  agent
    .output()
    .split('\n')
    .filter((line) => line.includes('Refused a connection'));

const BEYOND = reachableAddress();
const onTheNetwork = BEYOND === undefined ? describe.skip : describe;

onTheNetwork('on a host that others can reach, the two commands', () => {
  const here = String(BEYOND);

  it('work as they are once a token lies in its place on both hosts', async () => {
    const { address, agent } = await agentOn(here, host('agent', TOKEN));
    const { exitCode, output } = await runOn(address, host('controller', TOKEN));
    expect(output).toContain('✓ Run completed');
    expect(exitCode).toBe(0);
    expect(agent.output()).toMatch(/Certificate fingerprint \(SHA-256\): (?:[0-9A-F]{2}:){31}/);
    expect(agent.output()).toContain(`listening (TLS) on ${address}`);
    expect(`${agent.output()}${output}`).not.toMatch(/NOT ENCRYPTED|Refused a connection/);
  });

  it('say exactly what to add when there is none', async () => {
    const address = `${here}:7167`;
    const agent = startAgentProgram(['-v', '--listen', address], host('agent'));
    const { exitCode, output } = await runOn(address, host('controller'));
    expect([await agent.ended, exitCode]).toEqual([2, 2]);
    for (const said of [agent.output(), output]) {
      expect(said).toMatch(
        /there is no token .*\n {2}-> make one: \(umask 077; mkdir -p .*token\)/,
      );
      expect(said).toContain('add --insecure on both sides');
      expect(said.trim().split('\n')).toHaveLength(2);
    }
  });

  it('work without any lock when both sides say so, and both warn of it', async () => {
    const { address, agent } = await agentOn(here, host('agent'), '--insecure');
    const { exitCode, output } = await runOn(address, host('controller'), '--insecure');
    expect(exitCode).toBe(0);
    expect(agent.output()).toContain('the link to controllers is NOT ENCRYPTED');
    expect(output).toContain(`the link to agent-1 (${address}) is NOT ENCRYPTED`);
  });

  it('do not work when only one side says so', async () => {
    const { address, agent } = await agentOn(here, host('agent', TOKEN));
    const { exitCode, output } = await runOn(address, host('controller', TOKEN), '--insecure');
    expect(exitCode).toBe(3);
    expect(output).toMatch(
      /this agent speaks TLS only\n +-> start sai3bench-ctl without --insecure\n/,
    );
    expect(refusals(agent)).toHaveLength(1);
  });
});

describe('an agent goes on with its work', () => {
  it('whoever else knocks, with a line in its log for each of them', async () => {
    const env = host('agent', TOKEN);
    const agent = await startAgent(env, '-v', '--tls');
    started.push(agent);
    const { address } = agent;
    const halfOpen = await visit(address, '');
    for (const bytes of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\x00\x05hello',
    ]) {
      await once(await visit(address, bytes), 'close');
    }
    expect(await askOverTls(address, {})).toBe(401);
    expect(await askOverTls(address, { authorization: `Sai3bench ${'A'.repeat(43)}` })).toBe(401);
    const wrong = await runOn(address, host('other', 'x'.repeat(32)), '--tls');
    expect(wrong.exitCode).toBe(3);
    expect(wrong.output).toContain('has another token than this host');
    const { exitCode, output } = await runOn(address, host('controller', TOKEN), '--tls');
    expect(output).toContain('✓ Run completed');
    expect(exitCode).toBe(0);
    expect(refusals(agent)).toHaveLength(6);
    halfOpen.destroy();
  });

  it('when a controller wants what it may not have', async () => {
    const agent = await startAgent({}, '-v', '--allow-path', '/nowhere/at/all');
    started.push(agent);
    const beyond = `${WORKLOAD.replace('null:', 'file:///nowhere/at/')}distributed: {agents: [{address: "${agent.address}"}]}\n`;
    const { exitCode, output } = await runIn(beyond, {}, []);
    expect(exitCode).toBe(3);
    expect(output).toContain('this agent may not use file:///nowhere/at/');
    expect((await runOn(agent.address, {})).exitCode).toBe(0);
  });
});

describe('certificates of an authority of the user', () => {
  function file(name: string, text: string): string {
    const path = join(directory.path, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
  const identity = (name: string, { cert, key }: { cert: string; key: string }): string[] => [
    ...['--tls-cert', file(`${name}.pem`, cert)],
    ...['--tls-key', file(`${name}.key`, key)],
  ];

  it('let both sides know each other without a token', async () => {
    const ca = file('ca.pem', AUTHORITY.ca);
    const args = [...identity('agent', AUTHORITY.agent), '--tls-client-ca', ca];
    const agent = await startAgent({}, ...args);
    started.push(agent);
    const own = ['--tls-ca', ca, ...identity('own', AUTHORITY.controller)];
    expect((await runOn(agent.address, {}, ...own)).exitCode).toBe(0);
    const without = await runOn(agent.address, {}, '--tls-ca', ca);
    expect(without.exitCode).toBe(3);
    expect(without.output).toContain('it wants a certificate of this controller');
    expect(refusals(agent)).toHaveLength(1);
  });

  it('are refused by the agent itself when they have expired', async () => {
    const args = ['--listen', '127.0.0.1:0', ...identity('expired', AUTHORITY.expired)];
    const agent = startAgentProgram(args);
    expect(await agent.ended).toBe(2);
    expect(agent.output()).toMatch(/the certificate in .*expired\.pem is valid from .* to .*2021/);
  });
});

describe('an agent that a controller starts for itself', () => {
  it('can be used by nobody else, though everybody on the host can reach it', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('w.yaml', WORKLOAD.replace('200ms', '60s'));
      const args = ['run', '--config', config, '--start-delay', '0'];
      const run = startController(workspace.path, args, {});
      started.push(run);
      await run.printed('Stage 2/2: execute');
      const address = /127\.0\.0\.1:\d+/.exec(run.output())?.[0] ?? '';
      const stranger = await runController(workspace.path, ['--agents', address, 'ping'], {});
      expect(stranger.exitCode).toBe(3);
      expect(stranger.output).toContain('this agent is locked by a token');
      run.process.kill('SIGINT');
      expect(await run.ended).toBe(130);
    });
  });
});
