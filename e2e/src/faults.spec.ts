import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Child, temporaryDirectory } from '@sai3bench/testing';
import { expectNextRunToWork } from './support/next-run.ts';
import {
  type Agent,
  agentsOption,
  ioProcesses,
  runController,
  startAgent,
  startController,
} from './support/programs.ts';
import { objectsBelow, untilPutsAreKnown } from './support/store-totals.ts';
import { countOf, readResult } from './support/tables.ts';
import { golden, normalize } from './support/transcript.ts';
import { PROMPTLY_MS, until, untilGone, untilIdle } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const PUT = 'workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]';
const LONG = `target: "null:"\nduration: 60s\nconcurrency: 2\n${PUT}\n`;

/** Where all agents keep their temporary files. */
const temporary = temporaryDirectory();
const started: Agent[] = [];
async function startOwnAgent(): Promise<Agent> {
  const agent = await startAgent({ TMPDIR: temporary.path });
  started.push(agent);
  return agent;
}
let agents: Agent[] = [];

beforeAll(async () => {
  agents = await Promise.all([startOwnAgent(), startOwnAgent()]);
});
afterAll(async () => {
  for (const agent of started) agent.process.kill('SIGCONT');
  await Promise.all(started.map((agent) => agent.stop()));
  temporary.remove();
});

/** Starts a run of PUTs on agents, and waits until some of them are known. */
async function startLongRun(
  workspace: Workspace,
  ...of: Agent[]
): Promise<{ controller: Child; results: string }> {
  const config = workspace.workload('long.yaml', LONG);
  const controller = startController(workspace.path, [
    ...agentsOption(...of),
    ...['run', '--config', config, '--start-delay', '0'],
  ]);
  await controller.printed('Stage 2/2: execute');
  const [results = ''] = workspace.results();
  await untilPutsAreKnown(controller, results);
  return { controller, results };
}

describe.each(['file', 'direct'])('a target of %s:// that hangs', (scheme) => {
  it('does not keep Ctrl-C from ending the run within two seconds; the agents take the next run', async () => {
    await inWorkspace(async (workspace) => {
      execFileSync('mkfifo', [join(workspace.path, 'fifo')]);
      const config = workspace.workload(
        'hang.yaml',
        `target: ${scheme}://${workspace.path}/
concurrency: 4
duration: 60s
workload: [{op: get, path: fifo, weight: 1}]
distributed: {shared_filesystem: true}
`,
      );
      const controller = startController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      await controller.printed('Stage 2/2: execute');
      await new Promise((resolve) => setTimeout(resolve, 500));
      const interruptedAt = Date.now();
      controller.process.kill('SIGINT');
      expect(await controller.ended).toBe(130);
      expect(Date.now() - interruptedAt).toBeLessThan(PROMPTLY_MS);
      const [results = ''] = workspace.results();
      const status = readResult(results, 'STATUS.txt');
      expect(status).toContain('TEST STATUS: INTERRUPTED');
      expect(readResult(results, '02_execute_results.tsv')).toContain('# Partial');
      await untilIdle(...agents);
      await expectNextRunToWork(workspace, ...agents);
    });
  });
});

describe('Ctrl-C', () => {
  it.each([
    ['SIGINT', 130, 'INTERRUPTED'],
    ['SIGTERM', 143, 'INTERRUPTED'],
  ] as const)('(%s) keeps what was done and marks it', async (signal, code, status) => {
    await inWorkspace(async (workspace) => {
      const { controller, results } = await startLongRun(workspace, ...agents);
      controller.process.kill(signal);
      expect(await controller.ended).toBe(code);
      expect(readResult(results, 'STATUS.txt')).toContain(`TEST STATUS: ${status}`);
      expect(countOf(results, '02_execute_results.tsv', 'PUT')).toBeGreaterThan(0);
      await expectNextRunToWork(workspace, ...agents);
      // Whoever has waited for the controller in vain is told later that it has everything.
      await until(() => readdirSync(temporary.path).length === 0);
    });
  });

  it('twice ends the controller without waiting for agents and results', async () => {
    await inWorkspace(async (workspace) => {
      const frozen = await startOwnAgent();
      const config = workspace.workload('long.yaml', LONG);
      const controller = startController(workspace.path, [
        ...agentsOption(frozen),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      await controller.printed('Stage 2/2: execute');
      // An agent that does not answer keeps the first Ctrl-C waiting.
      frozen.process.kill('SIGSTOP');
      controller.process.kill('SIGINT');
      await controller.printed('Stopping all agents');
      controller.process.kill('SIGINT');
      expect(await controller.ended).toBe(130);
      frozen.process.kill('SIGCONT');
      expect(controller.output()).not.toContain('Run interrupted');
      const [results = ''] = workspace.results();
      const comeBack = `-> end it in order with: sai3bench-ctl attach ${results}`;
      expect(controller.output()).toContain(comeBack);
      expect(readResult(results, 'console.log')).toContain(comeBack);
      expect(existsSync(join(results, 'STATUS.txt'))).toBe(false);
      expect(existsSync(join(results, '02_execute_results.tsv'))).toBe(false);
      await expectNextRunToWork(workspace, ...agents);
    });
  });

  it('also ends a run whose agent the controller started itself', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('long.yaml', LONG);
      const controller = startController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      await controller.printed('Stage 2/2: execute');
      const working = ioProcesses(controller);
      expect(working).toHaveLength(1);
      controller.process.kill('SIGINT');
      expect(await controller.ended).toBe(130);
      await untilGone(working);
    });
  });
});

describe('a controller that is killed', () => {
  it('leaves every finished stage readable, and its agents idle', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        'killed.yaml',
        `target: file://${workspace.path}/data/
duration: 60s
concurrency: 2
prepare: {ensure_objects: [{count: 50, size_spec: 100}]}
${PUT}
distributed: {reconnect_grace: 3s}
`,
      );
      const controller = startController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      await controller.printed('Stage 3/3: execute');
      for (const agent of agents) await agent.printed('Stage 3/3: execute');
      controller.process.kill('SIGKILL');
      await controller.ended;
      const [results = ''] = workspace.results();
      expect(countOf(results, '02_prepare_results.tsv', 'PUT')).toBe(100);
      expect(readResult(results, 'agents/agent-1/results.tsv')).toContain('prepare\tPUT\tALL');
      expect(JSON.parse(readResult(results, 'metadata.json'))).toMatchObject({ end_time: null });
      for (const agent of agents) await agent.printed(/the controller has been away for/);
      // What nobody has taken over stays with the agents.
      for (const agent of agents) await agent.printed(`are kept in ${temporary.path}`);
      await untilIdle(...agents);
      // Whoever comes too late hears why there is nothing to go on with.
      const late = await runController(workspace.path, ['attach', results]);
      expect({ ...late }).toMatchObject({ exitCode: 1 });
      const status = readResult(results, 'STATUS.txt');
      for (const [index] of agents.entries()) {
        const agentId = `agent-${String(index + 1)}`;
        expect(status).toMatch(
          new RegExp(`^${agentId}: Stopped \\(the controller has been away for .*\\)$`, 'm'),
        );
      }
      expect(status).not.toContain('by itself');
      await expectNextRunToWork(workspace, ...agents);
    });
  });
});

describe('an agent that is killed', () => {
  it('fails the run, which names it, the stage and the cause, and keeps what was done', async () => {
    await inWorkspace(async (workspace) => {
      const victim = await startOwnAgent();
      const { controller, results } = await startLongRun(workspace, ...agents, victim);
      const orphans = ioProcesses(victim);
      expect(orphans).toHaveLength(1);
      victim.process.kill('SIGKILL');
      expect(await controller.ended).toBe(1);
      const output = controller.output();
      expect(output).toContain(
        `✗ agent-3 failed in stage execute: the link to agent-3 at ${victim.address} broke`,
      );
      expect(output).toContain('⚠ Stopping all agents: agent-3 failed');
      expect(output).toContain('✗ Run FAILED');
      const done = countOf(results, '02_execute_results.tsv', 'PUT');
      expect(done).toBeGreaterThan(0);
      expect(output).toContain(`Operations really done: ${done.toLocaleString('en-US')}`);
      const status = readResult(results, 'STATUS.txt');
      expect(status).toContain('TEST STATUS: FAILURE');
      expect(status).toContain('agent-3: Disconnected');
      expect(status).toContain(`Total operations: ${String(done)}`);
      await untilIdle(...agents);
      await untilGone(orphans);
      await expectNextRunToWork(workspace, ...agents);
    });
  });
});

describe('an agent that is stopped itself', () => {
  it.each(['SIGTERM', 'SIGHUP'] as const)(
    '(%s) fails the run, which names it, the stage and the cause, and keeps what was done',
    async (signal) => {
      await inWorkspace(async (workspace) => {
        const victim = await startOwnAgent();
        const { controller, results } = await startLongRun(workspace, ...agents, victim);
        const working = ioProcesses(victim);
        victim.process.kill(signal);
        expect(await victim.ended).toBe(143);
        expect(await controller.ended).toBe(1);
        const cause = `the agent was stopped by ${signal}`;
        const output = controller.output();
        expect(output).toContain(`✗ agent-3 failed in stage execute: ${cause}`);
        expect(output).toContain('✗ Run FAILED');
        const status = readResult(results, 'STATUS.txt');
        expect(status).toContain('TEST STATUS: FAILURE');
        expect(status).toContain(`agent-3 in stage execute: ${cause}`);
        expect(readResult(results, '02_execute_results.tsv')).toContain('# Partial');
        expect(countOf(results, '02_execute_results.tsv', 'PUT')).toBeGreaterThan(0);
        await untilGone(working);
        await expectNextRunToWork(workspace, ...agents);
      });
    },
  );
});

describe('a stage that fails', () => {
  it('is told with agent, stage, cause and what was really done', async () => {
    await inWorkspace(async (workspace) => {
      mkdirSync(join(workspace.path, 'data/base'), { recursive: true });
      writeFileSync(join(workspace.path, 'data/base/00'), 'a file where a directory should be');
      const config = workspace.workload(
        'fails.yaml',
        `target: file://${workspace.path}/data/
concurrency: 2
prepare: {force_overwrite: true, key_prefix_shards: 1, ensure_objects: [{base_uri: base/, count: 1000, size_spec: 100}]}
distributed: {agents: [], shared_filesystem: true}
`,
      );
      const { exitCode, output } = await runController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(1);
      const transcript = normalize(output, { [workspace.path]: 'WORKSPACE' });
      expect(transcript).toBe(golden('failure', transcript));
      const [results = ''] = workspace.results();
      expect(readResult(results, 'agents/agent-1/errors.tsv')).toContain('FILE_ENOTDIR');
    });
  });

  it('that is the clean-up leaves a complete measurement and exit code 5', async () => {
    await inWorkspace(async (workspace) => {
      const data = join(workspace.path, 'data');
      const config = workspace.workload(
        'unclean.yaml',
        `target: file://${data}/
concurrency: 1
duration: 300ms
prepare: {ensure_objects: [{base_uri: base/, count: 5, size_spec: 100}]}
workload: [{op: list, path: base/, weight: 1}]
distributed:
  agents: []
  shared_filesystem: true
  stages:
    - {name: prepare, type: prepare, order: 1}
    - {name: execute, type: execute, order: 2}
    - {name: wait, type: custom, order: 3, command: sh, args: ["-c", "until [ -e ${workspace.path}/go ]; do sleep 0.1; done"]}
    - {name: cleanup, type: cleanup, order: 4}
`,
      );
      const controller = startController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0', '--allow-exec'],
      ]);
      await controller.printed('Stage 3/4: wait');
      // What should be deleted becomes something that unlink refuses, also for root.
      const victim = join(data, 'base/prepared-00000003.dat');
      execFileSync('sh', ['-c', `mv ${victim} ${victim}.moved; mkdir ${victim}`]);
      writeFileSync(join(workspace.path, 'go'), '');
      expect(await controller.ended).toBe(5);
      expect(controller.output()).toContain('cleaning up FAILED');
      expect(readdirSync(join(data, 'base')).toSorted()).toEqual([
        // It tells the next run what is left.
        '.sai3-cache-agent-1.tar.zst',
        'prepared-00000003.dat',
        'prepared-00000003.dat.moved',
      ]);
      const [results = ''] = workspace.results();
      expect(countOf(results, '04_cleanup_results.tsv', 'DELETE')).toBe(4);
    });
  });
});

describe('a run that was interrupted', () => {
  it('leaves the terminal and the storage as they were said to be', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        'interrupted.yaml',
        `target: file://${workspace.path}/data/\nduration: 60s\nconcurrency: 2\n${PUT}\n`,
      );
      const controller = startController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      await controller.printed('Stage 2/2: execute');
      const made = join(workspace.path, 'data/new');
      await until(() => objectsBelow(made) > 0, controller);
      controller.process.kill('SIGINT');
      expect(await controller.ended).toBe(130);
      const [results = ''] = workspace.results();
      const kept = readdirSync(made).length;
      expect(countOf(results, '02_execute_results.tsv', 'PUT')).toBe(kept);
      expect(existsSync(join(results, 'STATUS.txt'))).toBe(true);
    });
  });
});
