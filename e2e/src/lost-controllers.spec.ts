import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseTsv, RunJournal } from '@sai3bench/results-dir';
import { expectNextRunToWork } from './support/next-run.ts';
import { runController, startController } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { expectAllOnTheStore, type PutRun, startPutRun } from './support/put-run.ts';
import { expectOneTotal, objectsBelow, untilPutsAreKnown } from './support/store-totals.ts';
import { countOf, readResult } from './support/tables.ts';
import { until, untilIdle } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let agents: ProxiedAgent[] = [];

beforeAll(async () => {
  agents = await started.startSome(2);
});
afterAll(() => started.stop());

/** Copies that agents keep of what runs yield. */
const copies = (): string[] =>
  readdirSync(started.temporary.path).filter((name) => name.startsWith('sai3-agent-'));

/** Waits until both agents are at work in the execute stage. */
async function untilAtWork(run: PutRun): Promise<void> {
  await run.printed('Stage 2/2: execute');
  for (const id of ['agent-1', 'agent-2']) {
    await until(() => objectsBelow(join(run.data, id)) > 0, run);
  }
}

/** Whether the journal of a run says that rows are written in which something was put. */
function hasKeptPuts(results: string): boolean {
  const { progress } = RunJournal.read(results) ?? {};
  const { lengths } = (progress ?? {}) as { lengths?: { perfLog: number } };
  const kept = readResult(results, 'perf_log.tsv').slice(0, lengths?.perfLog ?? 0);
  return parseTsv(kept).some((row) => Number(row['put_ops']) > 0);
}

describe('a controller that is killed', () => {
  it('is replaced by attach while the agents work: nothing is lost or counted twice', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '6s' });
      await untilAtWork(run);
      await untilPutsAreKnown(run, run.results());
      run.process.kill('SIGKILL');
      expect(await run.ended).toBe('SIGKILL');
      const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output).toMatch(/Attached to run [0-9a-f]+ on 2 agents/);
      expectAllOnTheStore(run);
    });
  });

  it('is replaced by one of two that attach at once: the other is refused, and changes nothing', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '6s' });
      await untilAtWork(run);
      run.process.kill('SIGKILL');
      await run.ended;
      const both = await Promise.all(
        [1, 2].map(() => runController(workspace.path, ['attach', run.results()])),
      );
      const [first, second] = both.toSorted((a, b) => Number(a.exitCode) - Number(b.exitCode));
      expect(first).toMatchObject({ exitCode: 0 });
      expect(second).toMatchObject({
        exitCode: 2,
        output: expect.stringContaining('the run has a controller: process'),
      });
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
      for (const agent of agents) await agent.printed('Stage 3/4: execute');
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

  it('is replaced by stop: the agents stop and take the next run', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '60s' });
      await untilAtWork(run);
      run.process.kill('SIGKILL');
      await run.ended;
      const status = await runController(workspace.path, ['status', run.results()]);
      expect(status.output).toContain('agent-2');
      const stop = await runController(workspace.path, ['stop', run.results()]);
      expect(stop.output).toContain(
        `⚠ Not in the results yet: what agent-1, agent-2 had done when the run ended\n  -> take it over with: sai3bench-ctl attach ${run.results()}`,
      );
      await untilIdle(...agents);
      const there = objectsBelow(run.data);
      await wait(300);
      expect(objectsBelow(run.data)).toBe(there);
      await expectNextRunToWork(workspace, ...agents);
    });
  });
});

describe('a controller that is killed with the agent that it had started', () => {
  it('is replaced by attach, which says so at once and keeps what was done', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        'own.yaml',
        `target: "null:"\nduration: 60s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]\n`,
      );
      const run = startController(workspace.path, [
        'run',
        '--config',
        config,
        '--start-delay',
        '0',
      ]);
      const results = (): string => workspace.results().at(-1) ?? '';
      await run.printed('Stage 2/2: execute');
      await until(() => hasKeptPuts(results()), run);
      run.process.kill('SIGKILL');
      await run.ended;
      const status = await runController(workspace.path, ['status', results()]);
      expect(status.output).toContain(
        'was started by the controller of the run, and ended with it',
      );
      const { exitCode, output } = await runController(workspace.path, ['attach', results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 1 });
      expect(output).not.toContain('waiting up to');
      expect(expectOneTotal(results(), 2, 'execute')).toBeGreaterThan(0);
      expect(readResult(results(), '02_execute_results.tsv')).toContain(
        '# Partial: agent-1: agent-1 was started by the controller of the run',
      );
    });
  });
});

describe('a controller that is interrupted twice', () => {
  it('is replaced by attach, which says that the run was interrupted and takes what the agents have', async () => {
    await inWorkspace(async (workspace) => {
      const before = copies();
      const run = startPutRun(workspace, agents, { duration: '60s' });
      await untilAtWork(run);
      // An agent that stands still keeps the controller from ending by itself.
      agents[1]?.process.kill('SIGSTOP');
      run.process.kill('SIGINT');
      await run.printed('Stopping all agents');
      run.process.kill('SIGINT');
      expect(await run.ended).toBe(130);
      agents[1]?.process.kill('SIGCONT');
      const { exitCode, output } = await runController(workspace.path, ['attach', run.results()]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 130 });
      const status = readResult(run.results(), 'STATUS.txt');
      expect(status).toContain('TEST STATUS: INTERRUPTED');
      expect(status).not.toContain('by itself');
      expect(expectOneTotal(run.results(), 2, 'execute')).toBe(objectsBelow(run.data));
      await until(() => copies().every((name) => before.includes(name)));
    });
  });
});

describe('a controller whose terminal is closed', () => {
  it('leaves the run to the agents and says how to come back; attach completes it', async () => {
    await inWorkspace(async (workspace) => {
      const run = startPutRun(workspace, agents, { duration: '4s' });
      await untilAtWork(run);
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
