import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createClient } from '@connectrpc/connect';
import {
  connectNodeAdapter,
  createConnectTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AgentService, PROTOCOL_VERSION } from '@sai3bench/barrier-protocol';
import type { RunMetadata } from '@sai3bench/results-dir';
import { expectNextRunToWork } from './support/next-run.ts';
import { agentsOption, runController } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { expectAllOnTheStore, type PutRun, startPutRun } from './support/put-run.ts';
import { expectOneTotal, objectsBelow } from './support/store-totals.ts';
import { readResult } from './support/tables.ts';
import { until, untilIdle } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let agents: ProxiedAgent[] = [];

beforeAll(async () => {
  agents = await started.startSome(2);
});
afterAll(() => started.stop());

const SHORT =
  'target: "null:"\nduration: 300ms\nworkload: [{op: put, path: a/, object_size: 1KiB, weight: 1}]\n';

/** A short run at some addresses. */
async function runShort(
  workspace: Workspace,
  ...addresses: readonly { address: string }[]
): ReturnType<typeof runController> {
  const config = workspace.workload('short.yaml', SHORT);
  const addressList = addresses.map(({ address }) => address).join(',');
  return runController(workspace.path, [
    ...['--agents', addressList, 'run', '--config', config, '--start-delay', '0'],
  ]);
}

describe('a second controller at an agent that is at work', () => {
  it('is told so and measures nothing, and the first run is not disturbed', async () => {
    const [first] = agents as [ProxiedAgent];
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '60s' });
      await run.printed('Stage 2/2: execute');
      await until(() => objectsBelow(run.data) > 0, run);
      await inWorkspace(async (other) => {
        const { exitCode, output } = await runShort(other, first);
        expect(exitCode).toBe(3);
        expect(output).toMatch(/agent-1 at \S+ is busy with run [0-9a-f]+/);
        expect(output).toContain('wait until that run has ended, or use another agent');
      });
      run.process.kill('SIGINT');
      expect(await run.ended).toBe(130);
      expect(run.output()).not.toMatch(/agent-\d (failed|is back)|busy with run/);
      expect(expectOneTotal(run.results(), 2, 'execute')).toBe(objectsBelow(run.data));
    });
  });

  it('has its turn as soon as the first run has ended', async () => {
    await inWorkspace((workspace) => expectNextRunToWork(workspace, ...agents));
  });
});

/** Expects that no run began to work before the other had ended. */
function expectOneAfterTheOther(runs: readonly PutRun[]): void {
  const [first, second] = runs
    .map((run) => JSON.parse(readResult(run.results(), 'metadata.json')) as RunMetadata)
    .map(({ end_time: end, stages }) => ({
      beginMs: Date.parse(stages[0]?.start_time ?? ''),
      endMs: Date.parse(end ?? ''),
    }))
    .toSorted((a, b) => a.beginMs - b.beginMs);
  expect(second?.beginMs).toBeGreaterThan(first?.endMs ?? Infinity);
}

describe('two controllers that begin at the same time with the same agents', () => {
  it('do not both get them: one run is whole, the other fails and names the reason', async () => {
    await inWorkspace(async (one) => {
      await inWorkspace(async (two) => {
        const runs = [one, two].map((workspace) => startPutRun(workspace, agents));
        const codes = await Promise.all(runs.map((run) => run.ended));
        for (const [index, run] of runs.entries()) {
          if (codes[index] === 0) {
            expectAllOnTheStore(run);
            continue;
          }
          // Whether it lost before or after the checks.
          expect(codes[index]).toBe(3);
          expect(run.output()).toContain('busy with run');
          expect(run.output()).toContain('wait until that run has ended, or use another agent');
        }
        // Where a machine starts the second one late, it has its turn.
        if (codes.every((code) => code === 0)) expectOneAfterTheOther(runs);
        await untilIdle(...agents);
        await expectNextRunToWork(one, ...agents);
      });
    });
  });
});

/** An agent that speaks another protocol. */
interface StrangeAgent {
  readonly address: string;
  /** Names of the calls that it got. */
  readonly calls: readonly string[];
  stop(): Promise<void>;
}

async function startStrangeAgent(protocolVersion: number): Promise<StrangeAgent> {
  const calls: string[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const serve = connectNodeAdapter({
    routes: (router) =>
      router.service(AgentService, {
        getInfo: () => ({ version: '9.9.9', protocolVersion, hostname: 'elsewhere' }),
      }),
  });
  const server: Http2Server = createServer((request, response) => {
    calls.push(request.url.split('/').at(-1) ?? '');
    serve(request, response);
  });
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    calls,
    stop: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a controller and an agent of different protocol versions', () => {
  it('do not begin a run: the controller names both versions', async () => {
    const strange = await startStrangeAgent(PROTOCOL_VERSION + 1);
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runShort(workspace, ...agents.slice(0, 1), strange);
      expect(exitCode).toBe(3);
      expect(output).toContain(
        `agent-2 at ${strange.address} (version 9.9.9) speaks protocol ${String(PROTOCOL_VERSION + 1)}, this controller speaks ${String(PROTOCOL_VERSION)}`,
      );
      expect(output).toContain('install the same version of sai3bench-ctl and sai3bench-agent');
      expect(strange.calls).not.toContain('Run');
      expect(strange.calls).not.toContain('Preflight');
    });
    await strange.stop();
  });

  it('do not begin a run when the controller does not look: the agent refuses, and takes the next', async () => {
    const [agent] = agents as [ProxiedAgent];
    const baseUrl = `http://${agent.address}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    const transport = createConnectTransport({ baseUrl, httpVersion: '2', sessionManager });
    const start = {
      ...{ runId: 'strange', agentId: 'agent-1', planJson: '{}', controllerVersion: '9.9.9' },
      protocolVersion: PROTOCOL_VERSION + 1,
    };
    async function* requests() {
      yield { sequence: 1n, command: { case: 'startRun' as const, value: start } };
    }
    const events = createClient(AgentService, transport).run(requests());
    await expect(events[Symbol.asyncIterator]().next()).rejects.toThrow(
      `controller 9.9.9 speaks protocol ${String(PROTOCOL_VERSION + 1)}`,
    );
    sessionManager.abort();
    await inWorkspace(async (workspace) => {
      expect((await runShort(workspace, ...agents)).exitCode).toBe(0);
    });
  });
});

describe('agents that are named twice', () => {
  it('are found out, whatever the addresses are by which they are reached', async () => {
    const [agent] = agents as [ProxiedAgent];
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(workspace.path, [
        ...agentsOption(agent, { ...agent, address: agent.direct }),
        ...['run', '--config', workspace.workload('short.yaml', SHORT)],
      ]);
      expect(exitCode).toBe(3);
      expect(output).toContain('are the same agent');
    });
  });
});
