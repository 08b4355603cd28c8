import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ioProcesses, runController } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { expectAllOnTheStore, startPutRun } from './support/put-run.ts';
import { expectOneTotal, objectsBelow } from './support/store-totals.ts';
import { countOf, readResult } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let agents: ProxiedAgent[] = [];

beforeAll(async () => {
  agents = await started.startSome(2);
});
afterAll(() => started.stop());

describe('a controller that is killed', () => {
  it('is replaced by attach while the agents work: nothing is lost or counted twice', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '6s' });
      await run.printed('Stage 2/2: execute');
      await wait(1_500);
      run.process.kill('SIGKILL');
      expect(await run.ended).toBe('SIGKILL');
      const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output).toMatch(/Attached to run [0-9a-f]+ on 2 agents/);
      expectAllOnTheStore(run);
    });
  });

  it('is replaced by attach after its stage has ended, and the stages that follow are run', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, {
        duration: '1s',
        distributed: '{reconnect_grace: 60s}',
        more: 'prepare: {cleanup: true, ensure_objects: [{base_uri: base/, count: 300, size_spec: 100}]}',
      });
      for (const agent of agents) await agent.printed('Stage 3/4: execute', 60_000);
      run.process.kill('SIGKILL');
      await run.ended;
      await wait(2_000);
      const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const results = run.results();
      expect(countOf(results, '02_prepare_results.tsv', 'PUT')).toBe(600);
      const puts = expectOneTotal(results, 3, 'execute');
      expect(countOf(results, '04_cleanup_results.tsv', 'DELETE')).toBe(600 + puts);
      expect(objectsBelow(run.data)).toBe(0);
      expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: SUCCESS');
    });
  });

  it('is replaced by stop: the agents stop within two seconds and take the next run', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '60s' });
      await run.printed('Stage 2/2: execute');
      await wait(500);
      run.process.kill('SIGKILL');
      await run.ended;
      const status = await runController(workspace.path, ['status', run.results()]);
      expect(status.output).toContain('agent-2');
      await runController(workspace.path, ['stop', run.results()]);
      expect(ioProcesses(...agents)).toEqual([]);
      const there = objectsBelow(run.data);
      await wait(300);
      expect(objectsBelow(run.data)).toBe(there);
      const next = startPutRun(workspace, agents, { duration: '300ms' });
      expect(await next.ended).toBe(0);
    });
  });
});

describe('a controller whose terminal is closed', () => {
  it('leaves the run to the agents and says how to come back; attach completes it', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '4s' });
      await run.printed('Stage 2/2: execute');
      await wait(500);
      run.process.kill('SIGHUP');
      expect(await run.ended).toBe(129);
      expect(run.output()).toContain('Detached: the agents finish their stage');
      const comeBack = `-> go on with: sai3bench-ctl attach ${run.results()}`;
      expect(run.output()).toContain(comeBack);
      expect(readResult(run.results(), 'console.log').trimEnd().split('\n').at(-1)).toContain(
        comeBack,
      );
      const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expectAllOnTheStore(run);
    });
  });

  it('goes on when only its output has no reader any more', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '2s' });
      await run.printed('Stage 2/2: execute');
      run.process.stdout?.destroy();
      run.process.stderr?.destroy();
      expect(await run.ended).toBe(0);
      expect(readResult(run.results(), 'STATUS.txt')).toContain('TEST STATUS: SUCCESS');
      expectAllOnTheStore(run);
    });
  });
});
