import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ioProcesses, stillRunning } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { startPutRun } from './support/put-run.ts';
import { objectsBelow, putsOfAgent } from './support/store-totals.ts';
import { countOf, readResult } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

const OBJECTS = 1_000;
const STAGES = {
  prepare: { title: 'Stage 2/4: prepare', table: '02_prepare_results.tsv', killAfterMs: 150 },
  execute: { title: 'Stage 3/4: execute', table: '03_execute_results.tsv', killAfterMs: 700 },
  // Files are deleted so fast that nothing may come between.
  cleanup: { title: 'Stage 4/4: cleanup', table: '04_cleanup_results.tsv', killAfterMs: 0 },
} as const;
type StageName = keyof typeof STAGES;

const started = new ProxiedAgents();
let survivors: ProxiedAgent[] = [];

beforeAll(async () => {
  survivors = await started.startSome(2);
});
afterAll(() => started.stop());

interface Killing {
  readonly exitCode: number | NodeJS.Signals;
  readonly output: string;
  readonly results: string;
  readonly data: string;
}

/** Kills the third of three agents in a stage of a run whose barriers are of a type. */
async function killIn(
  stage: StageName,
  type: string,
  check: (killing: Killing) => void,
): Promise<void> {
  const victim = await started.start();
  await inWorkspace(async (workspace) => {
    const barrier = `{type: ${type}, heartbeat_interval: 500ms}`;
    const run = startPutRun(workspace, [...survivors, victim], {
      duration: '1500ms',
      // An agent whose process is gone is not waited for.
      distributed: `{reconnect_grace: 60s, barrier_sync: {prepare: ${barrier}, execute: ${barrier}, cleanup: ${barrier}}}`,
      more: `prepare: {cleanup: true, ensure_objects: [{base_uri: base/, count: ${String(OBJECTS)}, size_spec: 100}]}`,
    });
    await run.printed(STAGES[stage].title);
    await wait(STAGES[stage].killAfterMs);
    const orphans = ioProcesses(victim);
    victim.process.kill('SIGKILL');
    const exitCode = await run.ended;
    expect(orphans).toHaveLength(1);
    const [output, results] = [run.output(), run.results()];
    expect(output).toMatch(
      new RegExp(`✗ agent-3 failed in stage ${stage}: .* broke; its process has ended`),
    );
    const status = readResult(results, 'STATUS.txt');
    expect(status).toContain('TEST STATUS: FAILURE');
    expect(status).toContain('agent-3: Disconnected');
    expect(readResult(results, STAGES[stage].table)).toMatch(/# Partial.*agent-3/);
    expect(stillRunning(orphans)).toEqual([]);
    expect(ioProcesses(...survivors)).toEqual([]);
    check({ exitCode, output, results, data: run.data });
  });
}

const ofSurvivors = (of: (id: string) => number): number => of('agent-1') + of('agent-2');

/** What the tables say that the survivors have put is there. */
function expectObjectsOfSurvivors({ data, results }: Killing, folder: string, stage: string): void {
  const known = ofSurvivors((id) => putsOfAgent(results, id, stage));
  expect(known).toBeGreaterThan(0);
  expect(ofSurvivors((id) => objectsBelow(join(data, id, folder)))).toBe(known);
}

describe('an agent that is killed at all_or_nothing barriers', () => {
  it('while it prepares ends the run, and what the others have made is known', async () => {
    await killIn('prepare', 'all_or_nothing', (killing) => {
      expect(killing.exitCode).toBe(1);
      expect(killing.output).toContain('⚠ Stopping all agents: agent-3 failed');
      expect(killing.output).toContain('✗ Run FAILED');
      expectObjectsOfSurvivors(killing, 'base', 'prepare');
    });
  });

  it('while it executes ends the run, and what the others have put is known', async () => {
    await killIn('execute', 'all_or_nothing', (killing) => {
      expect(killing.exitCode).toBe(1);
      expect(killing.output).toContain('⚠ Stopping all agents: agent-3 failed');
      expect(killing.output).toContain('✗ Run FAILED');
      expectObjectsOfSurvivors(killing, 'new', 'execute');
      expect(countOf(killing.results, '02_prepare_results.tsv', 'PUT')).toBe(3 * OBJECTS);
    });
  });

  it('while it cleans up does not keep the others from cleaning up', async () => {
    await killIn('cleanup', 'all_or_nothing', ({ data, exitCode, output }) => {
      expect(exitCode).toBe(5);
      expect(output).toContain('✗ The measurement is complete, but cleaning up FAILED');
      expect(ofSurvivors((id) => objectsBelow(join(data, id)))).toBe(0);
    });
  });
});

describe.each(['majority', 'best_effort'])('an agent that is killed at %s barriers', (type) => {
  it.each(['prepare', 'execute', 'cleanup'] as const)(
    'while in %s is gone on without, and the others do everything',
    async (stage) => {
      await killIn(stage, type, ({ data, exitCode, output, results }) => {
        expect(exitCode).toBe(1);
        expect(output).toContain('without agent-3');
        expect(output).toContain('Run completed, but not by all agents');
        expect(output).not.toContain('Stopping all agents');
        expect(ofSurvivors((id) => putsOfAgent(results, id, 'prepare'))).toBe(2 * OBJECTS);
        expect(ofSurvivors((id) => putsOfAgent(results, id, 'execute'))).toBeGreaterThan(0);
        expect(ofSurvivors((id) => objectsBelow(join(data, id)))).toBe(0);
      });
    },
  );
});
