import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freeze } from './support/freeze.ts';
import { expectNextRunToWork } from './support/next-run.ts';
import { ioProcesses, runController, startController } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { type PutRun, startPutRun } from './support/put-run.ts';
import { expectOneTotal, objectsBelow, untilPutsAreKnown } from './support/store-totals.ts';
import { readResult } from './support/tables.ts';
import { untilIdle } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let well: ProxiedAgent;

beforeAll(async () => {
  well = await started.start();
});
afterAll(() => started.stop());

/** Starts a run on two agents and waits until it executes, and something is known of that. */
async function startLongRun(
  workspace: Workspace,
  agents: readonly ProxiedAgent[],
): Promise<PutRun> {
  const run = startPutRun(workspace, agents, { duration: '60s' });
  await run.printed('Stage 2/2: execute');
  for (const id of ['agent-1', 'agent-2']) {
    await untilPutsAreKnown(run, run.results(), `agents/${id}/perf_log.tsv`);
  }
  return run;
}

const isKnown = (run: PutRun): boolean => existsSync(join(run.results(), 'control'));

/** Expects that nothing calls the second agent stopped, and that everything says what to do. */
function expectNotReached(run: PutRun, output = run.output()): void {
  const words = 'agent-2: it has not confirmed that it has stopped: its I/O may go on';
  expect(output).toContain(`⚠ ${words}`);
  expect(output).toContain(`sai3bench-ctl stop ${run.results()} stops it`);
  expect(output).not.toContain('✓ agent-2: ');
  const status = readResult(run.results(), 'STATUS.txt');
  expect(status).toContain('Not reached: 1');
  expect(status).toContain('agent-2: Not reached (it has not confirmed');
  expect(status).toContain(`sai3bench-ctl stop ${run.results()} stops it`);
  expect(isKnown(run)).toBe(true);
}

/** Expects that stop ends the second agent, and keeps what attach needs to take over what that has done. */
async function expectStopped(workspace: Workspace, run: PutRun): Promise<void> {
  const { exitCode, output } = await runController(workspace.path, ['stop', run.results()]);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  expect(output).toContain('✓ agent-2 (');
  expect(output).not.toContain('agent-1');
  expect(output).toContain(`-> take it over with: sai3bench-ctl attach ${run.results()}`);
  const status = await runController(workspace.path, ['status', run.results()]);
  expect(status).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining('not yet taken over: the work of agent-2'),
  });
}

/** Expects that attach takes it over, and that nothing is kept of the run then. */
async function expectTakenOver(workspace: Workspace, run: PutRun, code: number): Promise<void> {
  const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
  expect({ exitCode, output }).toMatchObject({ exitCode: code });
  expect(readResult(run.results(), 'STATUS.txt')).toContain('Not reached: 0\n');
  expect(isKnown(run)).toBe(false);
}

/** Expects that agents take a run, because they do nothing more for the one before. */
async function expectIdle(workspace: Workspace, ...agents: ProxiedAgent[]): Promise<void> {
  await untilIdle(...agents);
  await expectNextRunToWork(workspace, ...agents);
}

describe('a run that is interrupted while an agent stands still', () => {
  it('says so, and is known until attach has taken over what that agent has done', async () => {
    const agents = [well, await started.start()] as const;
    await inWorkspace(async (workspace) => {
      const run = await startLongRun(workspace, agents);
      const thaw = freeze(agents[1]);
      run.process.kill('SIGINT');
      expect(await run.ended).toBe(1);
      expectNotReached(run);
      expect(readResult(run.results(), 'STATUS.txt')).toContain('TEST STATUS: INTERRUPTED');
      const status = await runController(workspace.path, ['status', run.results()]);
      expect(status).toMatchObject({
        exitCode: 3,
        output: expect.stringContaining('not yet confirmed by agent-2'),
      });
      const stop = await runController(workspace.path, ['stop', run.results()]);
      expect(stop.exitCode).toBe(1);
      expect(isKnown(run)).toBe(true);
      thaw();
      const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 130 });
      expect(expectOneTotal(run.results(), 2, 'execute')).toBe(objectsBelow(run.data));
      const after = readResult(run.results(), 'STATUS.txt');
      expect(after).toContain('Stopped: 2\nNot reached: 0\n');
      expect(isKnown(run)).toBe(false);
      await expectIdle(workspace, ...agents);
    });
  });
});

describe('a run that fails while an agent stands still', () => {
  it('says so, stop ends that agent when it goes on, and attach takes over what it has done', async () => {
    const agents = [await started.start(), await started.start()] as const;
    await inWorkspace(async (workspace) => {
      const run = await startLongRun(workspace, agents);
      const thaw = freeze(agents[1]);
      agents[0].process.kill('SIGKILL');
      expect(await run.ended).toBe(1);
      expectNotReached(run);
      thaw();
      await expectStopped(workspace, run);
      await expectTakenOver(workspace, run, 1);
      await expectIdle(workspace, agents[1]);
    });
  });
});

describe('a run that is interrupted while the link to an agent is cut', () => {
  it('says so, stop ends that agent when the link is there again, and attach takes over what it has done', async () => {
    const agents = [well, await started.start()] as const;
    await inWorkspace(async (workspace) => {
      const run = await startLongRun(workspace, agents);
      agents[1].proxy.cut();
      await agents[1].printed('The link to the controller is lost');
      run.process.kill('SIGINT');
      expect(await run.ended).toBe(1);
      expectNotReached(run);
      expect(ioProcesses(agents[1])).not.toEqual([]);
      agents[1].proxy.heal();
      await expectStopped(workspace, run);
      await expectTakenOver(workspace, run, 130);
      expect(expectOneTotal(run.results(), 2, 'execute')).toBe(objectsBelow(run.data));
      await expectIdle(workspace, ...agents);
    });
  });
});

describe('a run that is interrupted while it is taken over', () => {
  it('stops the agents that can be reached, and loses nothing of one that stands still', async () => {
    const agents = [well, await started.start()] as const;
    await inWorkspace(async (workspace) => {
      const run = await startLongRun(workspace, agents);
      run.process.kill('SIGKILL');
      await run.ended;
      const thaw = freeze(agents[1]);
      const attach = startController(workspace.path, ['attach', run.results()]);
      await attach.printed('Attached to run', 60_000);
      attach.process.kill('SIGINT');
      expect(await attach.ended).toBe(1);
      expectNotReached(run, attach.output());
      expect(readResult(run.results(), 'STATUS.txt')).toContain('agent-1: Stopped (');
      await untilIdle(well);
      thaw();
      await expectStopped(workspace, run);
      await expectTakenOver(workspace, run, 130);
      expect(expectOneTotal(run.results(), 2, 'execute')).toBe(objectsBelow(run.data));
      await expectIdle(workspace, ...agents);
    });
  });
});
